"""One table of cases per recogniser: text, what is found (type and value)."""

from __future__ import annotations

import pytest

from qa.privacy import detect
from qa.privacy.recognisers.bank_card import passes_luhn
from qa.privacy.recognisers.iban import has_right_check
from qa.privacy.recognisers.id_card import check_character


def found(text, **options):
    return [(one.type, text[one.start : one.end]) for one in detect(text, **options)]


def values(text, kind, **options):
    return [value for name, value in found(text, **options) if name == kind]


PHONES = [
    ("我的手机号是13812345678", ["13812345678"]),
    ("电话：138-1234-5678", ["138-1234-5678"]),
    ("打+86 139 8765 4321吧", ["+86 139 8765 4321"]),
    ("两个手机号13812345678和13987654321", ["13812345678", "13987654321"]),
    ("一三八零零幺三八零零零", ["一三八零零幺三八零零零"]),
    ("号码是幺三八，嗯，零零幺三，八零零零", ["幺三八，嗯，零零幺三，八零零零"]),
    ("一三八三个零幺三八零零", ["一三八三个零幺三八零零"]),
    ("我电话一三八零零要三吧零零零", ["一三八零零要三吧零零零"]),
    ("一三八00一三八000", ["一三八00一三八000"]),
    ("座机010-88886666转801", ["010-88886666转801"]),
    ("公司电话零七五五 二六七八 九零一二", ["零七五五 二六七八 九零一二"]),
    ("４００８２３８８２３转０", ["４００８２３８８２３转０"]),
    ("call me at (415) 555-2671 please", ["(415) 555-2671"]),
    (
        "my number is four one five, five five five, two six seven one",
        ["four one five, five five five, two six seven one"],
    ),
    ("reach me on 415.555.2671x22", ["415.555.2671x22"]),
    (
        "phone: double five five oh one two three four five six",
        ["double five five oh one two three four five six"],
    ),
    ("+44 20 7946 0958", ["+44 20 7946 0958"]),
    ("这是普通文本没有手机号", []),
    ("打一零零八六就行", []),
    ("我的手机号有三个", []),
    ("手机用了三年两个月", []),
]


@pytest.mark.parametrize(("text", "expected"), PHONES)
def test_phone(text, expected):
    assert values(text, "PHONE") == expected


ID_CARDS = [
    ("证件号码：110101199003077475", ["110101199003077475"]),
    ("身份证号 1101 0119 9001 0112 37", ["1101 0119 9001 0112 37"]),
    ("身份证 1101  0119  9001  0112  37", ["1101  0119  9001  0112  37"]),
    ("11010119900307109X", ["11010119900307109X"]),
    ("身份证一一零一零一一九九零零三零七四七一X", ["一一零一零一一九九零零三零七四七一X"]),
    ("身份证是幺幺零幺零幺 幺九九零零三零七 七四七五", ["幺幺零幺零幺 幺九九零零三零七 七四七五"]),
    ("统一社会信用代码91310000552936878J", []),
    ("身份证丢了怎么办", []),
]


@pytest.mark.parametrize(("text", "expected"), ID_CARDS)
def test_id_card(text, expected):
    assert values(text, "ID_CARD") == expected


CARDS = [
    ("信用卡 5500000000000004", ["5500000000000004"]),
    ("银行卡号 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
    ("please block card no 5356890925363056", ["5356890925363056"]),
    ("it is 4111-1111-1111-1111", ["4111-1111-1111-1111"]),
    ("卡号是四幺幺幺 幺幺幺幺 幺幺幺幺 幺幺幺幺", ["四幺幺幺 幺幺幺幺 幺幺幺幺 幺幺幺幺"]),
    (
        "card number four one one one, one one one one, one one one one, one one one one",
        ["four one one one, one one one one, one one one one, one one one one"],
    ),
    ("订单号ORDER12345678901234", []),
    ("统一社会信用代码91310000552936878J", []),
    ("卡里有100块", []),
    ("my card has 2 digits wrong", []),
]


@pytest.mark.parametrize(("text", "expected"), CARDS)
def test_bank_card(text, expected):
    assert values(text, "BANK_CARD") == expected


SECRETS = [
    ("验证码是三八四九二幺", "", [("PASSCODE", "三八四九二幺")]),
    ("验证码384921", "", [("PASSCODE", "384921")]),
    ("三八四九二一", "您收到的验证码是多少？", [("PASSCODE", "三八四九二一")]),
    ("是 3 8 4 9", "请告诉我您的密码", [("PASSCODE", "3 8 4 9")]),
    ("呃Abc12345", "您的密码是什么", [("PASSCODE", "Abc12345")]),
    ("密码是Abc12345", "", [("PASSCODE", "Abc12345")]),
    ("my pin is four three two one", "", [("PASSCODE", "four three two one")]),
    ("it's 884 213", "What's the one-time code we texted you?", [("PASSCODE", "884 213")]),
    ("my password is hunter2024", "", [("PASSCODE", "hunter2024")]),
    ("CVV是三二一", "", [("CVV", "三二一")]),
    ("three two one", "and the three digits on the back?", [("CVV", "three two one")]),
    ("snowflake", "And the password on the account?", [("PASSCODE", "snowflake")]),
    ("I forgot it", "What is your password?", []),
    ("一九七三", "请把刚收到的数字读给我", [("PASSCODE", "一九七三")]),
    ("203 994", "the code on your authenticator app?", [("PASSCODE", "203 994")]),
    ("I set it to Pa55word2024, that's my password", "", [("PASSCODE", "Pa55word2024")]),
    ("七二一", "卡片后面三个数", [("CVV", "七二一")]),
    ("六一九", "信用卡背面签名栏后面的三位数", [("CVV", "六一九")]),
    ("six six one", "the numbers on the signature strip?", [("CVV", "six six one")]),
    ("请不要把验证码告诉任何人", "", []),
    ("验证码是六位数字", "", []),
    ("密码输错了3次", "", []),
    ("the code has 6 digits", "", []),
    ("your password expires in 30 days", "", []),
]


@pytest.mark.parametrize(("text", "question", "expected"), SECRETS)
def test_secret(text, question, expected):
    assert found(text, question=question) == expected


EMAILS = [
    ("两个邮箱test@qq.com和test@163.com", ["test@qq.com", "test@163.com"]),
    ("write to LeaVLind@superrito.com.", ["LeaVLind@superrito.com"]),
    ("liming at example dot com", ["liming at example dot com"]),
    ("john dot smith at gmail dot com", ["john dot smith at gmail dot com"]),
    ("邮箱是 liming 艾特 qq 点 com", ["liming 艾特 qq 点 com"]),
    ("一二三四五六艾特qq点com", ["一二三四五六艾特qq点com"]),
    ("I was at home", []),
    ("meet at 5 dot", []),
]


@pytest.mark.parametrize(("text", "expected"), EMAILS)
def test_email(text, expected):
    assert values(text, "EMAIL") == expected


PLATES = [
    ("车牌京A12345", ["京A12345"]),
    ("粤B·D12345是新能源", ["粤B·D12345"]),
    ("车牌号沪A八八九二三", ["沪A八八九二三"]),
    ("京东", []),
    ("苏A股票", []),
]


@pytest.mark.parametrize(("text", "expected"), PLATES)
def test_plate(text, expected):
    assert values(text, "PLATE") == expected


OTHERS = [
    ("护照号E12345678", [("PASSPORT", "E12345678")]),
    ("护照G12345678", [("PASSPORT", "G12345678")]),
    ("my passport is AB1234567", [("PASSPORT", "AB1234567")]),
    ("His social security number is 531-21-7351", [("US_SSN", "531-21-7351")]),
    (
        "social security number is five three one two one seven three five one",
        [("US_SSN", "five three one two one seven three five one")],
    ),
    ("IBAN GB29 NWBK 6016 1331 9268 19", [("IBAN", "GB29 NWBK 6016 1331 9268 19")]),
    ("订单号是202403150001", [("ORDER", "202403150001")]),
    ("快递单号SF1234567890123", [("ORDER", "SF1234567890123")]),
    ("order number is A-10293", [("ORDER", "A-10293")]),
    ("我的会员号是八八六六二二", [("ACCOUNT", "八八六六二二")]),
    ("account number 00123456", [("ACCOUNT", "00123456")]),
    ("zip code 90210", [("ZIP", "90210")]),
    ("邮编一零零零二零", [("ZIP", "一零零零二零")]),
    ("server 58.74.121.78 is down", [("IP_ADDRESS", "58.74.121.78")]),
    ("my driver's license number is 481195160", [("DRIVER_LICENSE", "481195160")]),
    ("我报一下 六九八三二五四八", [("NUMBER", "六九八三二五四八")]),
    ("QQ号是123456789", [("ACCOUNT", "123456789")]),
    ("微信号是wx_12345", [("ACCOUNT", "wx_12345")]),
    ("身份证后四位八八幺二", [("LAST_DIGITS", "八八幺二")]),
    ("身份证最后四位四四一X", [("LAST_DIGITS", "四四一X")]),
    ("the last four of my ssn 8872", [("LAST_DIGITS", "8872")]),
    ("尾号八八四六的卡", []),
    ("my license plate is KLM 4821", [("PLATE", "KLM 4821")]),
    ("plate number is 7ABC123", [("PLATE", "7ABC123")]),
    ("booking reference K7PL2Q", [("ORDER", "K7PL2Q")]),
    ("order id b as in bravo, 7 7 1 0 2", [("ORDER", "b as in bravo, 7 7 1 0 2")]),
    ("车架号LSVAU2A37N2183294", [("NUMBER", "LSVAU2A37N2183294")]),
    ("error 0x80070057", []),
    ("see call 905e5bf8336bcc62", []),
    ("I ordered the XR2208 router", []),
    ("order a WH-1000XM4", []),
    ("the account was closed in 2021", []),
    ("the postcode is m1 1ae", [("ZIP", "m1 1ae")]),
    ("户号是四七二，六幺二，九九二", [("ACCOUNT", "四七二，六幺二，九九二")]),
    ("oh oh oh oh oh oh", []),
    ("6, 9, 8, 3, 2, 5, 4, 8", [("NUMBER", "6, 9, 8, 3, 2, 5, 4, 8")]),
    ("1, 2, 3, 4, 5, 6, 7, 8", []),
    ("6983,2548", [("NUMBER", "6983,2548")]),
    ("the claim number is jui 589 please", [("ORDER", "jui 589")]),
    (
        "confirmation number c six r t four nine",
        [("ORDER", "c six r t four nine")],
    ),
    ("booking for two and a half days", []),
    ("departure is 25102018", []),
    ("order number. It's eight one four, six six two", [("ORDER", "eight one four, six six two")]),
    ("security code on the back? the code is seven three nine", [("CVV", "seven three nine")]),
    ("the code is 482913", [("PASSCODE", "482913")]),
    ("0.012645", [("NUMBER", "0.012645")]),
    ("利率是3.85000", []),
    ("3.14159的圆周率", []),
    ("我要3000，5000的那种", []),
    ("52634601-1ad9-4817-9f10", []),
    ("transfer 5000 to account", []),
    ("13812345678是我的手机号", [("PHONE", "13812345678")]),
]


@pytest.mark.parametrize(("text", "expected"), OTHERS)
def test_reference(text, expected):
    assert found(text) == expected


BIRTHS = [
    ("我的生日是一九九零年三月七号", "", ["一九九零年三月七号"]),
    ("1990年3月7日出生", "", ["1990年3月7日"]),
    ("九零年三月七号", "请问您的出生日期是？", ["九零年三月七号"]),
    ("Sure, it's July 4th, 1985.", "can you verify your date of birth?", ["July 4th, 1985"]),
    ("born on 12/27/1986", "", ["12/27/1986"]),
    (
        "my birthday is the fourth of July nineteen eighty five",
        "",
        ["the fourth of July nineteen eighty five"],
    ),
    ("预约在2024年3月7日", "", []),
    ("your appointment is on July 4th", "", []),
]


@pytest.mark.parametrize(("text", "question", "expected"), BIRTHS)
def test_birth_date(text, question, expected):
    assert values(text, "BIRTH_DATE", question=question) == expected


ADDRESSES = [
    (
        "我住在北京市朝阳区建国路八十八号三单元五零二室",
        ["北京市朝阳区建国路八十八号三单元五零二室"],
    ),
    ("地址是广东省深圳市南山区科技园南路12号", ["广东省深圳市南山区科技园南路12号"]),
    (
        "ship it to 123 Maple Street, Springfield 54321 please",
        ["123 Maple Street, Springfield 54321"],
    ),
    ("it's 4 Privet Drive", ["4 Privet Drive"]),
    ("这条路不好走", []),
    ("我在路上呢", []),
    ("第二个步骤按一号键", []),
    ("20 dollars on the way", []),
    ("my address is five hundred first street", ["five hundred first street"]),
    ("We moved here from Küsnacht", ["Küsnacht"]),
    ("he grew up in Ústí nad Labem 2.", ["Ústí nad Labem 2"]),
    ("the office in Springfield, Illinois 62704", ["Springfield, Illinois 62704"]),
    ("She moved to May and June", []),
    ("one more place to try", []),
]


ANSWERED = [
    ("PERSON", "May I have your name please?", "prathimaran", ["prathimaran"]),
    ("PERSON", "what is your full name", "yes its karan johar", ["karan johar"]),
    ("PERSON", "What is the company name?", "the company is fossil gas", []),
    ("PERSON", "my name is jennifer how can i help you", "resetting a password", []),
    (
        "ADDRESS",
        "what is your address",
        "no 45 poyam road salaidajil",
        ["45 poyam road salaidajil"],
    ),
    ("ADDRESS", "what is your address", "the same as before", []),
    ("ADDRESS", "what is your email address", "12 of them", []),
    ("ORDER", "your confirmation number?", "gf 7485", ["gf 7485"]),
    ("EMAIL", "your e-mail?", "martin 05 gmailcom", ["martin 05 gmailcom"]),
]


@pytest.mark.parametrize(("kind", "question", "text", "expected"), ANSWERED)
def test_answers_in_lower_case(kind, question, text, expected):
    assert values(text, kind, question=question) == expected


@pytest.mark.parametrize(("text", "expected"), ADDRESSES)
def test_address(text, expected):
    assert values(text, "ADDRESS") == expected


NAMES = [
    ("我叫王小明，想查话费", ["王小明"]),
    ("免贵姓欧阳", ["欧阳"]),
    ("张先生您好", ["张"]),
    ("请李建国先生接电话", ["李建国"]),
    ("联系人是陈静", ["陈静"]),
    ("户名：刘德华", ["刘德华"]),
    ("我很高兴", []),
    ("我叫高兴不起来", []),
    ("您方便吗", []),
    ("这位先生请稍等", []),
    ("任何先生都可以", []),
    ("谢谢王女士", ["王"]),
    ("客户叫张三丰", ["张三丰"]),
    ("叫车比较方便", []),
    ("这是姜味", []),
    ("我是想问一下", []),
    ("我叫高兴国", ["高兴国"]),
    ("机主买买提·艾力", ["买买提·艾力"]),
    ("推荐你去金鼎轩·南北菜", []),
    ("收件人写沙建军", ["沙建军"]),
    ("户主是我妈尹桂芳", ["尹桂芳"]),
    ("你们那个曾经理怎么说的", ["曾"]),
    ("我曾经理解过", []),
    ("我是客服小陈", ["小陈"]),
    ("小时候办的", []),
    ("值班经理在吗", []),
    ("师傅什么时候来", []),
    ("My name is Will Young", ["Will Young"]),
    ("this is May Chen calling", ["May Chen"]),
    ("put it under Nakamura", ["Nakamura"]),
    ("it's spelled N-G-U-Y-E-N", ["N-G-U-Y-E-N"]),
    ("I am Canadian", []),
    ("Chase says it's fine, thank you Microsoft", []),
    ("the Martin Luther King Day sale", []),
    ("My name is Patricia Jeknić but everyone calls me Lauren", ["Patricia Jeknić", "Lauren"]),
    ("Hello, Mr. Fernandez", ["Fernandez"]),
    ("a pause of 500 ms Silence, then 30 ms kept silent. Was it Ms Kelly?", ["Kelly"]),
    ("this is Chris from support", ["Chris"]),
    ("What's your last name? Krylova", ["Krylova"]),
    ("I will call you in May", []),
    ("Will you be there? Mark my words.", []),
    ("I'm Happy to help", []),
    ("This is Great", []),
    ("hi my name is patricia brown i lost my card", ["patricia brown"]),
    ("my name is also important", []),
    ("my last name prabu and booking number is 12", ["prabu"]),
    ("its andrea mitchell", ["andrea mitchell"]),
    ("it's working now", []),
    ("this is harper valley national bank", []),
    ("This is Harper Valley National Bank", []),
    ("Hello, Bluebird Travel, how can I help", []),
    ("i will call may be in june", []),
    ("thanks mark will do", []),
    ("You can ask Rose Miller about it", ["Rose Miller"]),
    ("The Summer Sale at Crystal Lake", []),
    ("The Morgan Stanley statement", []),
    ("between him and Sumaya's kid", ["Sumaya"]),
    ("The wifi in San Antonio is slow", []),
]


@pytest.mark.parametrize(("text", "expected"), NAMES)
def test_person(text, expected):
    assert values(text, "PERSON") == expected


def test_names_of_the_roster_may_stay():
    assert found("我叫王小明", allowed=["王小明"]) == []


@pytest.mark.parametrize(
    ("first", "last"), [("11010119900307747", "5"), ("11010119900307109", "X")]
)
def test_check_character(first, last):
    assert check_character(first) == last


@pytest.mark.parametrize(
    ("number", "right"),
    [("4111111111111111", True), ("4111111111111112", False), ("79927398713", True)],
)
def test_luhn(number, right):
    assert passes_luhn(number) is right


def test_an_impossible_ssn_is_some_number():
    assert found("000-12-3456") == [("NUMBER", "000-12-3456")]


def test_iban_check():
    assert has_right_check("gb29nwbk60161331926819")
    assert not has_right_check("gb29nwbk60161331926818")


@pytest.mark.parametrize("language", ["zh", "en", ""])
def test_a_wrong_language_tag_changes_nothing(language):
    assert found("手机号13812345678", language=language) == [("PHONE", "13812345678")]


def test_presidio_adds_what_it_finds_under_our_types():
    from types import SimpleNamespace

    from qa.privacy.presidio import presidio_recogniser

    class Analyzer:
        def analyze(self, text, language):
            del language
            at = text.index("Monroe")
            facts = {"start": at, "end": at + 6, "score": 0.85}
            return [
                SimpleNamespace(entity_type="LOCATION", **facts),
                SimpleNamespace(entity_type="NRP", start=0, end=3, score=0.9),
            ]

    text = "Monroe has been sunny all week"
    assert detect(text) == []
    (found,) = detect(text, also=[presidio_recogniser(Analyzer())])
    assert (found.type, text[found.start : found.end]) == ("ADDRESS", "Monroe")
