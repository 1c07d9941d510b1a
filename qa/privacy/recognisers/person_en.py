"""English names: title + name, *my name is …*, *speaking with …*, and well-known first names.

Limits: unusual names without a cue, and lower-case names that are also words, are not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.privacy.found import PERSON, Found
from qa.privacy.view import QUESTION_END, View
from qa.privacy.words import words

_CAP = r"[^\W\d_a-z][\w'’-]*"
_CAPITALISED = rf"(?=[^\W\d_])(?![a-z]){_CAP}"
_PARTICLE = r"(?:van|von|de|der|den|da|di|del|la|le|al|bin|O'|Mc)"
_NAME = rf"{_CAPITALISED}(?: (?:{_PARTICLE} ){{0,2}}{_CAPITALISED}){{0,2}}"
_TITLED = re.compile(
    rf"(?<![\w])(?:[Mm]r|[Mm]rs|[Mm]s|[Mm]iss|[Dd]r|[Pp]rof|MR|MRS|MS|DR|[Mm]adam|[Mm]ister"
    rf"|[Pp]rofessor|[Dd]octor)\.? (?P<name>{_NAME})"
)
_CUED = re.compile(
    r"(?<!\w)(?i:my (?:full |first |last |maiden |partner's |wife's |husband's )?name is"
    r"|my name's|her name is|his name is"
    r"|(?:first|last|full|maiden|family|given|sur) ?name(?: is|:)?|name(?: is|:"
    r"| on the (?:account|card) is)?"
    r"|calls? me|called me|(?:under|in) the name(?: of)?|speaking (?:with|to)|(?:may"
    r"|can) i speak (?:with|to)"
    r"|account holder is|partner's name|this is|goes by|signed by|regards,?|sincerely,?|cheers,?"
    r"|dear|hello|hi|hey|thank you,?|thanks,?|i am|i'm)"
    rf"[\s,:?]{{1,3}}(?P<name>{_NAME})"
)
_RELATED = re.compile(
    r"(?<!\w)(?i:my|his|her|our|their) (?i:kid|son|daughter|wife|husband|partner|friend|boss"
    r"|brother"
    r"|sister|mother|father|mom|mum|dad|uncle|aunt|colleague|neighbou?r|roommate|fianc[eé]e?)"
    rf"(?:'s name is)?,? (?P<name>{_NAME})"
)
_ACTING = re.compile(
    rf"(?:^|(?<=[.!?\n] )|(?<=[.!?\n]))(?P<name>{_CAPITALISED}(?: {_CAPITALISED})?)"
    r"(?=, (?:can|could|may|please|would|will you|thank)(?!\w)"
    r"|'s (?:address|phone|number|email|account|card|birthday|kid|son|wife|husband)"
    r"| (?:lives?|lived|said|says|shouted|asked|told|wrote|called|phoned|was born|grew up|moved to"
    r"|had given|gave (?:me|him|her)|works? (?:at|for|as)|is (?:very|an? \d|my|\d)|spent|began"
    r"|will be (?:talking|speaking|joining))(?!\w))"
)
_CONTACTED = re.compile(
    r"(?<!\w)(?i:follow up with|spoke (?:to|with)|talk(?:ed|ing)? (?:to|with)|speak (?:to|with)"
    r"|ask for"
    r"|contact|transfer (?:me )?to|says|said|written by|directed by|starring|on behalf of"
    r"|belongs to"
    r"|registered to|addressed to|payable to|given to|here's|meet(?:ing)? with|call(?:ed)?|named"
    r"|shouted at)"
    rf" (?P<name>{_NAME})"
)
_LINE = re.compile(rf"(?:^|\n)\W*(?P<name>{_CAPITALISED}(?: {_CAPITALISED}){{1,2}})[ \t]*(?=\n)")
_LOWER_CUE = re.compile(
    r"(?<!\w)(?i:my (?:full )?name is|my name's|(?:first|last|maiden|family) name is"
    r"|everyone calls me|call me|mr\.?|mrs\.?|ms\.?)"
    r" (?P<name>[a-z]{2,15}(?: [a-z]{2,15})?)(?=[,.!?\n]|$| (?:and|but|from|calling|here|i|my"
    r"|speaking)(?!\w))"
)
_SPELLED = re.compile(r"(?<![\w-])(?P<name>(?:[A-Za-z][ -]){3,14}[A-Za-z])(?![\w-])")
FIRST_NAMES = words(
    """
    james mary robert patricia john jennifer michael linda david elizabeth william barbara richard
    susan joseph jessica thomas sarah christopher karen charles lisa daniel nancy matthew sandra
    anthony betty mark margaret donald ashley steven emily andrew kimberly paul donna joshua
    michelle kenneth carol kevin amanda brian melissa george deborah timothy stephanie ronald
    rebecca jason sharon edward laura jeffrey cynthia ryan dorothy jacob amy gary kathleen
    nicholas angela eric shirley jonathan emma stephen brenda larry pamela justin nicole scott
    samantha brandon katherine benjamin christine samuel debra gregory rachel alexander carolyn
    frank janet patrick maria raymond catherine jack heather dennis diane jerry olivia tyler julie
    aaron joyce jose victoria adam ruth nathan virginia henry lauren zachary kelly douglas
    christina peter joan kyle evelyn noah judith ethan andrea jeremy hannah christian jacqueline
    walter megan keith cheryl austin roger sophia terry natalie sean theresa gerald teresa carl
    doris dylan gloria harold ann jordan janice jesse kathryn bryan sara lawrence alice arthur
    judy gabriel julia bruce grace logan denise albert amber willie marilyn alan danielle juan
    beverly elijah isabella wayne diana randy natasha vincent brittany philip charlotte louis
    marie bobby kayla bradley alexis shawn lori simon oliver lucas harry oscar leo max hugo felix
    anna eva clara sofia lucy ella mia chloe ivan igor olga elena marco luca giulia paolo pierre
    claire sophie camille hans klaus jurgen ingrid lars sven erik magnus astrid freya tiffany
    dustin brandy craig derek todd chad brett monica veronica vanessa erica alicia wendy tracy
    kristin kristen kathy tina regina leslie holly joel curtis phillip allen philippe maurice
    nelson roland hector carlos luis miguel pedro diego alejandro fernando javier filip jakob
    tomas mateo stefan andreas martin johannes alexandra valentina gabriela daniela wei jing ming
    chris mike dave steve jim tom bob bill joe dan matt sam ben alex nick tony greg jeff ken ron
    don liz kate sue jen becky
    """
)
_NOT_NAMES = words(
    """
    a an the i i'm it it's is are was were am will may can could would should shall must might do
    does did have has had be been not no yes yeah ok okay sure sorry please thank thanks hello hi
    hey good great fine very so just really well now then there here this that these those what
    when where who why how which my your his her its our their me you he she we they them us and
    or but if because about with without for from to of in on at by up down out over under calling
    speaking looking trying going having getting happy glad afraid interested wondering still also
    customer service support account card number bank address phone email order manager agent team
    department monday tuesday wednesday thursday friday saturday sunday january february march
    april june july august september october november december mr mrs ms miss dr sir madam ma'am
    mam everyone everybody all anyone someone nobody god jesus christ american english chinese
    french german spanish welcome today tomorrow yesterday only one two three four five six seven
    eight nine ten new old name last first full maiden correct right wrong
    nobody it's that's there's what's let's he's she's customer customers agent everyone people
    company companies society government internet online mom dad another billing total amount
    date time incorrect spelled appears misspelled pin code password verification security social
    unfortunately absolutely certainly actually maybe perhaps guys folks again day morning
    afternoon evening night ending
    """
)
_DOUBTFUL = words(
    """
    mark bill will may june april august grace joy hope rose dawn frank max don sue jack art drew
    rich pat victoria virginia jordan austin christian ken bob wei logan
    """
)
_TOKEN = re.compile(
    rf"(?<![\w@.'’])(?P<first>{_CAPITALISED})(?P<rest>(?: (?:{_PARTICLE} )?{_CAPITALISED}){{0,2}})"
)
_QUESTION = re.compile(r"name|who am i speaking|who(?:'s| is) (?:this|calling)")


def recognise(view: View) -> Iterator[Found]:
    """Names beside their cues and capitalised well-known first names."""
    for match in _TITLED.finditer(view.shown):
        yield from _person(view, *match.span("name"), 0.85, "after a title")
    for match in _CUED.finditer(view.shown):
        yield from _person(view, *match.span("name"), 0.75, "after words that introduce a name")
    for match in _LOWER_CUE.finditer(view.shown):
        yield from _person(view, *match.span("name"), 0.65, "after words that introduce a name")
    for pattern in (_RELATED, _ACTING, _CONTACTED):
        for match in pattern.finditer(view.shown):
            yield from _person(view, *match.span("name"), 0.6, "in the place of a name")
    first_line = _LINE.match(view.shown)
    if first_line and any(map(str.isdigit, view.shown)):
        yield from _person(view, *first_line.span("name"), 0.6, "first line of an address")
    for match in _TOKEN.finditer(view.shown):
        yield from _known(view, match)
    yield from _answers(view)


def _known(view: View, match: re.Match[str]) -> Iterator[Found]:
    first = match["first"].lower().removesuffix("'s").removesuffix("’s")
    if first not in FIRST_NAMES or not view.shown[match.start() + 1 : match.start() + 2].islower():
        return
    if first in _DOUBTFUL and not match["rest"]:
        return
    yield from _person(view, match.start(), match.end(), 0.6, "well-known first name")


def _answers(view: View) -> Iterator[Found]:
    question, mark, _ = view.shown.rpartition(QUESTION_END)
    asked = question.rpartition(QUESTION_END)[2].lower()
    if mark and _QUESTION.search(asked):
        begin = len(question) + 1
        match = re.compile(
            rf"[\W]*(?i:(?:yes|sure|it's|it is|yeah|um|uh)[, ]+){{0,3}}(?P<name>{_NAME})"
        ).match(view.shown, begin)
        if match:
            yield from _person(view, *match.span("name"), 0.7, "answer to a question for a name")
        for spelled in _SPELLED.finditer(view.shown, begin):
            yield Found(
                type=PERSON,
                start=spelled.start(),
                end=spelled.end(),
                score=0.65,
                reason="spelled out after a question for a name",
            )


def _person(view: View, start: int, end: int, score: float, reason: str) -> Iterator[Found]:
    words = list(re.finditer(r"\S+", view.shown[start:end]))
    kept_end = start
    for word in words:
        bare = word[0].lower().strip(".,!?'’")
        bare = bare.removesuffix("'s").removesuffix("’s")
        if bare in _NOT_NAMES or re.split("['’]", bare)[0] in _NOT_NAMES:
            break
        kept_end = start + word.start() + len(re.sub(r"['’]s?$", "", word[0]))
    name = view.shown[start:kept_end]
    if (
        max(map(len, name.split()), default=0) > 1
        and name.lower() not in view.allowed
        and name not in view.allowed
    ):
        yield Found(type=PERSON, start=start, end=kept_end, score=score, reason=reason)
