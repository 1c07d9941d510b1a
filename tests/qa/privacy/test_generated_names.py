"""Seeded names and addresses in sentences of service calls, and sentences without any (issue 9)."""

from __future__ import annotations

import random

import pytest

from qa.privacy import detect
from qa.privacy.words import words

TIMES = 15
SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘蒋蔡余杜叶程苏魏吕"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国红志文斌鹏辉宇浩轩"
    "梓涵欣雨佳琪晨阳博思远嘉俊诗雅婷慧雪莹倩楠峰凯"
)
FIRST = words(
    "maria james fatima david wei priya olga carlos emma ahmed sven yuki patricia ivan chloe rahul"
)
LAST = words(
    "johnson garcia novak kowalski patel nguyen mueller okafor smith ferrari yamamoto brown ivanova"
)
STREETS = words("maple oak lincoln river station chestnut college highland")

ZH_NAMES = [
    ("", "麻烦帮{n}查一下余额"),
    ("", "开户的时候用的是{n}的身份证"),
    ("", "前两天{n}给我回过电话"),
    ("", "我是{n}，昨天报修的"),
    ("", "这个号是我爱人{n}在用"),
    ("", "投诉的就是{n}，服务态度太差"),
    ("", "快递写{n}收"),
    ("", "请{n}女士听电话"),
    ("", "我要找你们经理{n}"),
    ("", "合同签的是{n}"),
    ("", "{n}先生，让您久等了"),
    ("", "我叫{n}，三十七岁"),
    ("请问机主是哪位？", "机主{n}"),
    ("麻烦您报一下姓名。", "{n}。"),
    ("您怎么称呼？", "我姓{s}"),
    ("收货人是谁？", "收货人{n}，对"),
]
EN_NAMES = [
    ("", "hi my name is {f} {l} and my internet is down"),
    ("", "Hello, this is {F} {L} calling about my bill."),
    ("", "Could you add {F} {L} to the account?"),
    ("", "i'm {f} {l}"),
    ("", "The technician was {F}, I think."),
    ("", "My husband {F} has already called twice."),
    ("", "Mr. {L} told me to call back"),
    ("", "the account is under the name {f} {l}"),
    ("May I have your full name please?", "{f} {l}"),
    ("Who am I speaking with?", "It's {F}."),
    ("and your last name", "{l}"),
    ("", "Thank you, {F}, have a nice day"),
]
ADDRESSES = [
    ("", "我住在杭州市西湖区文三路{d}号", "杭州市西湖区文三路{d}号"),
    ("", "寄到成都市武侯区科华北路{d}号二单元{d}室", "成都市武侯区科华北路{d}号二单元{d}室"),
    ("您的地址是？", "朝阳区望京花园{d}号楼三单元", "朝阳区望京花园{d}号楼三单元"),
    ("", "家庭住址江苏省南京市鼓楼区中山路{d}号", "江苏省南京市鼓楼区中山路{d}号"),
    ("请问上门地址？", "阳光小区{d}栋{d}室", "阳光小区{d}栋{d}室"),
    ("", "装在龙岗区布吉街道吉华路{d}号", "龙岗区布吉街道吉华路{d}号"),
    ("", "my address is {d} {t} street", "{d} {t} street"),
    ("What is your mailing address?", "{d} {t} avenue apartment four", "{d} {t} avenue"),
    ("", "Ship it to {d} {T} Road, Springfield 54321.", "{d} {T} Road, Springfield 54321"),
    ("where do you live", "{d} {t} drive dayton ohio", "{d} {t} drive dayton ohio"),
]
NOTHING = """
我很高兴能帮到您|方便的话请您稍等|马上给您处理|明天上午安排师傅上门|您说的这个情况我记录一下|于是我就打过来了|高峰期网速会慢
华为手机用着挺好的|周末和家人在一起|平时都没问题|程序更新以后就好了|温馨提示您注意安全|常见问题都在公众号上|江苏的号码可以办吗
我叫车比叫外卖还方便|何时可以退款|万一又坏了怎么办|金额不对|这位先生请稍等|任何小姐都可以|成功以后会有短信|解决了就行
I will call you back in May|Will you be able to fix it?|Mark my words, it will break|Thanks a lot for the help|that is a fair price
my name is on the contract already|this is the third time|it's working now|I am happy with the grace period|Could you bill me later
the summer sale starts in june|i will be out of town|hope this helps|he lives in fear of the bill|the address bar is empty
on the way to work|two ways to pay|i waited for twenty minutes|what is the address of your website|Dear customer, thank you
""".replace("\n", "|")


def filled(rng, template):
    first, last = rng.choice(sorted(FIRST)), rng.choice(sorted(LAST))
    street = rng.choice(sorted(STREETS))
    name = rng.choice(SURNAMES) + "".join(
        rng.choice(GIVEN) for _ in range(rng.choice((1, 2, 2, 2, 2)))
    )
    values = {
        "n": name,
        "s": name[0],
        "d": str(rng.randint(11, 980)),
        "t": street,
        "f": first,
        "F": first.title(),
        "l": last,
        "L": last.title(),
        "T": street.title(),
    }
    return lambda text: text.format(**values)


def names(templates):
    rng = random.Random(20261122)
    for question, template in templates * TIMES:
        fill = filled(rng, template)
        target = template[template.index("{") : template.rindex("}") + 1]
        yield question, fill(template), fill(target)


def share_hidden(cases, kind):
    hidden, missed = 0, []
    cases = list(cases)
    for question, text, value in cases:
        at = text.index(value)
        found = [one for one in detect(text, question=question) if one.type == kind]
        places = [i for i in range(at, at + len(value)) if text[i].isalnum()]
        covered = sum(any(one.start <= i < one.end for one in found) for i in places)
        hidden += covered == len(places)
        if covered < len(places):
            missed.append((question, text))
    return hidden / len(cases), missed


@pytest.mark.parametrize(("templates", "least"), [(ZH_NAMES, 0.9), (EN_NAMES, 0.9)])
def test_names_in_sentences_are_hidden(templates, least):
    share, missed = share_hidden(names(templates), "PERSON")
    assert share >= least, (share, missed[:12])


def test_addresses_in_sentences_are_hidden():
    rng = random.Random(20261122)
    cases = []
    for question, template, value in ADDRESSES * TIMES:
        fill = filled(rng, template)
        cases.append((question, fill(template), fill(value)))
    share, missed = share_hidden(cases, "ADDRESS")
    assert share >= 0.9, (share, missed[:12])


@pytest.mark.parametrize("text", [line for line in NOTHING.split("|") if line.strip()])
def test_sentences_without_names_stay_as_they_are(text):
    assert [text[one.start : one.end] for one in detect(text)] == []
