"""Tell what people may ask for, and how the forms ask."""

from collections.abc import Iterator

from routing_core.domain.programme.forms import Form, Option, Product, Question, Urgency
from routing_core.present.hq_desk.rules.teller import RuleSentence, RuleTeller


def tell_products(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell products, urgencies and types of partner."""
    for product in teller.programme.products:
        yield from _product(teller, product)
    for urgency in teller.programme.urgencies:
        yield from _urgency(teller, urgency)
    types = teller.all_of(map(teller.quote, teller.programme.partner_types))
    yield teller.sentence("partner_types", "products.types", types=types)


def _product(teller: RuleTeller, product: Product) -> Iterator[RuleSentence]:
    key = f"products[{product.id}]"
    name = teller.name(product.name)
    full = teller.every_name(product.name)
    yield teller.sentence(f"{key}.name", "products.product", name=full, id=product.id)
    yield from _also(teller, key, name, product)
    if product.certificate:
        certificate = teller.quote(product.certificate)
        words = "products.certificate"
        yield teller.sentence(f"{key}.certificate", words, name=name, certificate=certificate)
    if product.required_tags:
        tags = teller.all_of(map(teller.quote, product.required_tags))
        yield teller.sentence(f"{key}.required_tags", "products.tags", name=name, tags=tags)


def _urgency(teller: RuleTeller, urgency: Urgency) -> Iterator[RuleSentence]:
    key = f"urgencies[{urgency.id}]"
    name = teller.name(urgency.name)
    words = "products.emergency" if urgency.emergency else "products.urgency"
    full = teller.every_name(urgency.name)
    yield teller.sentence(f"{key}.name", words, name=full, id=urgency.id)
    yield from _also(teller, key, name, urgency)
    if urgency.required_tags:
        tags = teller.all_of(map(teller.quote, urgency.required_tags))
        yield teller.sentence(f"{key}.required_tags", "products.tags", name=name, tags=tags)


def _also(
    teller: RuleTeller, key: str, name: str, named: Product | Urgency | Option, under: str = ""
) -> Iterator[RuleSentence]:
    if named.also:
        spellings = teller.all_of(map(teller.quote, named.also))
        fill = {"name": name, "spellings": spellings}
        yield teller.sentence(f"{key}.also", "products.also", under, **fill)


# ── forms ─────────────────────────────────────────────────────────────────────────────────────────


def tell_forms(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell each form: for what, with which questions, and what is agreed to."""
    for form in teller.programme.forms:
        yield from _form(teller, form)


def _form(teller: RuleTeller, form: Form) -> Iterator[RuleSentence]:
    key = f"forms[{form.id}]"
    under = teller.say("forms.form", title=teller.name(form.title))

    def say(field: str, words: str, **fill: str) -> RuleSentence:
        return teller.sentence(f"{key}.{field}", f"forms.{words}", under, **fill)

    yield say("title", "title", title=teller.every_name(form.title), id=form.id)
    yield from teller.in_each_language(f"{key}.intro", "forms.intro", form.intro, under)
    countries = teller.all_of(map(teller.locale.country, form.countries))
    yield say("countries", "countries", countries=countries)
    yield say("products", "products", products=teller.all_of(map(teller.product, form.products)))
    urgencies = teller.all_of(map(teller.urgency, form.urgencies))
    yield say("urgencies", "urgencies", urgencies=urgencies)
    yield say("phone_required", "phone_needed" if form.phone_required else "phone_optional")
    if form.confirm_address:
        yield say("confirm_address", "confirmed_first")
    else:
        yield say("confirm_address", "asked_at_once")
    yield say("indexed", "indexed" if form.indexed else "not_indexed")
    if form.origins:
        yield say("origins", "origins", origins=teller.all_of(form.origins))
    else:
        yield say("origins", "no_origins")
    words = "forms.time_trap" if form.time_trap_seconds else "forms.no_time_trap"
    trap = teller.count(words, form.time_trap_seconds)
    yield RuleSentence(f"{key}.time_trap_seconds", trap, under)
    for question in form.questions:
        yield from _question(teller, f"{key}.questions[{question.id}]", question, under)
    yield say("consent.version", "consent_version", version=teller.quote(form.consent.version))
    text = form.consent.text
    yield from teller.in_each_language(f"{key}.consent.text", "forms.consent", text, under)


def _question(
    teller: RuleTeller, key: str, question: Question, under: str
) -> Iterator[RuleSentence]:
    fill = {"label": teller.every_name(question.label), "name": teller.question_label(question)}
    yield teller.sentence(f"{key}.label", f"forms.question.{_kind(question)}", under, **fill)
    if question.short:
        short = teller.every_name(question.short)
        yield teller.sentence(f"{key}.short", "forms.short", under, short=short, **fill)
    details = [teller.say(f"forms.step.{question.step}")]
    details.append(teller.say("forms.required" if question.required else "forms.optional"))
    details.append(teller.say("forms.in_emergency" if question.emergency else "forms.not_urgent"))
    yield teller.sentence(f"{key}.asked", "forms.asked", under, how=teller.all_of(details), **fill)
    yield teller.sentence(f"{key}.before_accept", _before_accept(question), under, **fill)
    for option in question.options:
        yield from _option(teller, f"{key}.options[{option.id}]", option, fill["name"], under)


def _before_accept(question: Question) -> str:
    if question.kind == "text":
        return "forms.free_text"
    return "forms.before_accept" if question.before_accept else "forms.after_accept"


def _kind(question: Question) -> str:
    return "several" if question.many else question.kind


def _option(
    teller: RuleTeller, key: str, option: Option, question: str, under: str
) -> Iterator[RuleSentence]:
    label = teller.every_name(option.label)
    words = "forms.option"
    fill = {"question": question, "label": label}
    if option.short:
        words = "forms.option_short"
        fill["short"] = teller.every_name(option.short)
    yield teller.sentence(f"{key}.label", words, under, **fill)
    yield from _also(teller, key, teller.name(option.label), option, under)
