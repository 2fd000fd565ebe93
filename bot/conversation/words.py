"""The closed word classes of questions, and the verbs that tell a noun phrase where to end.

English only, like the rest of the reading rules. Lists are lower case.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Word(NamedTuple):
    """One word of a text."""

    start: int
    end: int
    text: str
    """`source[start:end]`, without a possessive ending."""
    key: str
    """`text` in lower case."""


_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:['’.&/-][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)


def find_words(text: str) -> list[Word]:
    """The words of `text`, in order."""
    words = []
    for found in _WORD.finditer(text):
        plain = _POSSESSIVE.sub("", found[0])
        words.append(Word(found.start(), found.start() + len(plain), plain, plain.lower()))
    return words


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


DO = _set("do does did don't doesn't didn't don’t doesn’t didn’t")
BE = _set("is are was were am be been being isn't aren't wasn't weren't isn’t wasn’t what's who's")
HAVE = _set("has have had hasn't haven't hadn't")
MODAL = _set("can could will would shall should may might must can't won't couldn't wouldn't")
AUXILIARIES = DO | BE | HAVE | MODAL
WH = _set("who whom whose what which when where why how")
DETERMINERS = _set(
    "a an the this that these those my your our his her its their any some no each every all "
    "both another same such what which whose"
)
PREPOSITIONS = _set(
    "of in on at by for to from with without about between among into onto over under after "
    "before during since until till through throughout against across around near off outside "
    "inside within behind above below toward towards upon via per than like as regarding "
    "concerning despite out up down"
)
_PRONOUNS = _set(
    "i you we he she it they me us him them mine yours ours hers theirs himself herself "
    "itself themselves there here then one ones someone somebody anyone anybody nobody "
    "everyone everybody something anything nothing everything"
)
_OTHERS = _set(
    "and or but nor so if because while although though whether not also too very just only "
    "ever even still yet already again now today please more most less least many much few "
    "several else exactly well really actually currently recently later earlier ago once away "
    "home okay ok yes no maybe perhaps when where why how who whom whose what which that "
    "currently back first last next other others own"
)
FUNCTION_WORDS = AUXILIARIES | WH | DETERMINERS | PREPOSITIONS | _PRONOUNS | _OTHERS

_REGULAR_VERBS = _set(
    "accept accuse achieve acquire act add address admit admire adopt agree aim allege allow "
    "announce answer apologise apologize appeal appear apply appoint approve argue arrest "
    "arrive ask assume attend avoid bake base believe belong blame blossom bomb borrow brief "
    "campaign cancel capture carry cause celebrate charge check claim clarify clean clear "
    "close collapse collect come commit compare compete complain complete concern confirm "
    "congratulate conquer consider consist contain continue contract convict cover crash "
    "create criticise criticize cross decide declare declassify decline defeat defend define "
    "delay deliver demand deny depend describe deserve destroy detain develop die differ "
    "disagree disappear discover discuss dismiss earn elect eliminate end enjoy ensure enter "
    "erupt escape establish evacuate examine exist expect expel explain explode express "
    "extend face fail fight file find finish fire fine fix follow forge found gain gather "
    "govern greet guess handle happen hate hear help hire hold hope hit identify impose "
    "improve include increase inherit injure inspect insist intend introduce invade invent "
    "invest investigate invite involve issue join kidnap kill land last launch lead learn "
    "leave lie lift like live locate look lose love make manage marry mean mention mind miss "
    "move name need burn negotiate notice occur offer open operate order organise organize "
    "own participate pay perform plan play pledge praise prepare prevent produce promise "
    "propose protect protest prove provide publish punish purchase push question quit raise "
    "reach react receive recommend record recover reduce refuse reject release remain "
    "remember remove replace reply represent request require rescue resign resolve respond "
    "retire return reveal review rule sail say schedule seek seem select sentence separate "
    "serve settle share shut sign sink speak spread start state stay steal step stop store "
    "stream suffer suggest supply support suppose surrender survive suspect suspend talk "
    "target teach tell test testify thank think threaten touch track train transfer travel "
    "treat try turn use vaccinate visit vote wait walk want warn watch weigh win wish witness "
    "wonder work worry write elaborate mediate broker award back found tour study fund own "
    "operate build close damage rise fall cut grow shrink drop strike run lend host beat "
    "succeed"
)
_IRREGULAR_VERBS = _set(
    "born lit arose ate became been began begun beat beaten bent bit bought bring brings "
    "brought broke broken build builds built buy buys came caught chose chosen choose chooses "
    "cost costs did done draw drew drawn drive drives drove driven drank eat eats eaten fell "
    "fallen feel feels felt fought found flew fly flies flown forgot forbid gave get gets got "
    "give gives given go goes gone going grew grown heard held hit hung hurt keep keeps kept "
    "knew know knows known led left lent let lets lost made meant meet meets met paid put "
    "puts ran rang read rise risen rode rose said sank sunk saw see sees seen sell sells sold "
    "send sends sent set sets shook shot show shows showed shown sat sit sits slept sleep "
    "sleeps spoke spoken spend spends spent split stole stood stand stands struck swam swore "
    "take takes took taken taught tell told thought threw thrown throw understand wake woke "
    "wear wore went won wrote written call calls called become becomes begin begins rewrote "
    "hold holds lead leads leave leaves lose loses mean means"
)
# Both noun and verb: a verb only where a verb must stand.
_NOUNISH = _set(
    "answer appeal arrest act aim attack ban bid bomb break blame call campaign cause change "
    "charge check claim close collapse concern contract cost cover crash cut damage deal "
    "decline defeat delay demand design drop end escape face fall feature fight file fine "
    "fire flood found fund gain guess help hit hold hope host increase invite issue land last "
    "launch lead leave lie lift like look love mean meet mention mind miss move name need "
    "offer open order own pay plan play pledge praise promise protest push question raise "
    "reach record release reply report request rescue respect return review rise rule run "
    "sail score search sell sentence share show shut sign spread stage start state stay step "
    "stop store stream strike study supply support surprise suspect talk target test threat "
    "touch tour track trade train transfer travel treat trial try turn use view visit vote "
    "wait walk watch win wish witness wonder work worry award back spend calls changes claims "
    "cuts plans rises sales strikes talks trials visits votes works tests costs shows stands "
    "means leaves lives sets puts reports drops falls attacks uses deals runs finding "
    "building meeting hearing opening ending landing training meaning saying beginning "
    "fighting holding ruling shooting killing planning reading offering feeling drawing "
    "testing touring walking working crossing study studies set left read split hurt lent met "
    "bit rose given drive keep light pick power"
)


def _inflections(verb: str) -> set[str]:
    stem = verb.removesuffix("e")
    forms = {verb, stem + "ed", stem + "ing"}
    if verb.endswith("y") and verb[-2] not in "aeiou":
        forms |= {verb[:-1] + "ies", verb[:-1] + "ied"}
    else:
        forms.add(verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "o")) else "s"))
    if len(verb) < 7 and verb[-1] in "bdgmnprt" and verb[-2] in "aeiou" and verb[-3] not in "aeiou":
        forms |= {verb + verb[-1] + "ed", verb + verb[-1] + "ing"}
    return forms


_VERB_FORMS = frozenset(form for verb in _REGULAR_VERBS for form in _inflections(verb))


def is_verb(key: str) -> bool:
    """Whether a word is a verb wherever it stands: "arrived", not "strike"."""
    return (key in _VERB_FORMS or key in _IRREGULAR_VERBS) and key not in _NOUNISH


def may_be_verb(key: str) -> bool:
    """Whether a word can be a verb where one must stand: "strike" in "did they strike"."""
    return key in _VERB_FORMS or key in _IRREGULAR_VERBS or key in _NOUNISH


def is_participle(key: str) -> bool:
    """Whether a word can follow a form of "be" as its verb or adjective: "found", "hurt"."""
    return key.endswith(("ed", "en", "ing")) or key in _IRREGULAR_VERBS


PERSON_NOUNS = _set(
    "person man woman leader president minister official player coach manager captain author "
    "writer director actor actress singer artist ceo chief founder executive judge lawyer "
    "senator mayor governor spokesman spokeswoman spokesperson scientist researcher professor "
    "candidate politician journalist envoy ambassador secretary chancellor premier head boss "
    "winner victim suspect chairman chairwoman chairperson chair king queen prince princess "
    "novelist playwright prosecutor viceroy general commander doctor teacher engineer farmer "
    "baker witness owner predecessor successor rival opponent runner goalkeeper striker "
    "scorer mediator bookkeeper climatologist biologist whistleblower musician poet composer "
    "painter pilot expert economist analyst"
)
ORGANIZATION_NOUNS = _set(
    "company firm corporation team club party agency bank university college institution "
    "publisher newspaper network studio brand band group union ministry department league "
    "startup manufacturer airline carmaker retailer platform charity court tribunal board "
    "committee government coalition alliance parliament assembly council commission regulator "
    "operator utility authority hospital inquiry panel police army military fund newspaper "
    "supplier"
)
PLACE_NOUNS = _set(
    "country city state town village region province continent island venue stadium airport "
    "port capital nation location place street river county district area valley"
)
SHIP_NOUNS = _set("ship ferry boat vessel steamer lifeboat yacht liner trawler submarine")
EVENT_NOUNS = _set(
    "visit trip meeting talks summit match game final race election vote ballot strike fire "
    "flood blackout trial verdict attack accident crash collision outbreak war ceremony "
    "launch landing mission deal agreement treaty protocol lawsuit case suit hearing inquiry "
    "investigation march protest demonstration outage hack storm earthquake heatwave marathon "
    "merger opening closure stoppage session conference parade event incident disaster "
    "movement campaign cut decision ruling fine award prize ceremony reception"
)
IRREGULAR_PLURALS = _set("people men women children police talks teeth feet mice data media")


def is_plural(key: str) -> bool:
    """Whether a noun looks like a plural."""
    if key in IRREGULAR_PLURALS:
        return True
    return len(key) > 3 and key.endswith("s") and not key.endswith(("ss", "us", "is", "ics"))


def singular(key: str) -> str:
    """A plural without its ending, near enough to compare two nouns."""
    if key.endswith("ies") and len(key) > 4:
        return key[:-3] + "y"
    return key[:-1] if is_plural(key) and key.endswith("s") else key
