"""Phone numbers as people write them, and in the one form that can be dialled from anywhere."""


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


def is_valid(number: str) -> bool:
    """Whether an E.164 number lies in a range that is known to be in use."""
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
