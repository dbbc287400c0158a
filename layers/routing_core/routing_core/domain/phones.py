"""Phone numbers as people write them, and in the one form that can be dialled from anywhere."""

NO_COUNTRY = "001"
"""What phonenumbers calls the region of calling codes that the world shares: +870, +881, +882, +883 and others."""


def e164(written: str, country: str) -> str:
    """The number as ``+498999998123``, read as somebody in that country writes it; raises ValueError.

    A number need only be possible, so that nobody is turned away over a range opened yesterday; but
    premium-rate numbers, which cost the partner who calls back, are refused.
    """
    import phonenumbers  # here, so that it costs nothing where no number is read

    try:
        number = phonenumbers.parse(written, country or None)
    except phonenumbers.NumberParseException as error:
        raise ValueError("is no phone number: write it with its area code, or like +49 89 99998123") from error
    short = (number.national_number or 0) < 1_000_000 and not phonenumbers.is_valid_number(number)
    if short or not phonenumbers.is_possible_number(number):
        raise ValueError("is too short or too long for a phone number: write it with its area code")
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PREMIUM_RATE:
        raise ValueError("is a premium-rate number: write one that is free to call back")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def callback_number(written: str, country: str) -> str:
    """Gives the number at which a person who asked can be called back, as E.164; raises ValueError.

    Besides what is no number at all it refuses service numbers (0180 in Germany, 0810 in Austria) and numbers that
    belong to no country, as those of satellite phones: they cost whoever calls back, and no customer answers there.
    A freephone number is free to call, and some firms are reached there: it stays.
    """
    import phonenumbers

    number = e164(written, country)
    parsed = phonenumbers.parse(number)
    if phonenumbers.region_code_for_country_code(parsed.country_code or 0) == NO_COUNTRY:
        raise ValueError("is a satellite or network number: write a landline or mobile number")
    kinds = phonenumbers.PhoneNumberType
    if phonenumbers.number_type(parsed) in (kinds.SHARED_COST, kinds.PAGER, kinds.VOICEMAIL):
        raise ValueError("is a service number: write a landline or mobile number")
    return number


def is_valid(number: str) -> bool:
    """Whether an E.164 number lies in a range that is known to be in use."""
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
