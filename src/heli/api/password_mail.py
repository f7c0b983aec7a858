"""The link by which somebody sets their password, sent to them and to nobody else."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMessage

from heli.api import second_person
from heli.api.route import Call
from heli.kernel.errors import Conflict
from heli.kernel.words import Words
from heli.policy import sensitive


class _Links(PasswordResetTokenGenerator):
    """Links of one use that die, too, when somebody comes to hold another sensitive right: whoever let one be sent to an ordinary account
    would else hold the way into a powerful one."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{sorted(sensitive.powers(user.pk))}"


links: Final = _Links()
SUBJECT: Final = Words("设置你的 Heli 密码", "Set your Heli password")
BODY: Final = Words(
    "{name}，你好：\n\n{who}为你{what}。请打开下面的链接设置密码，链接只能用一次，{hours} 小时内有效：\n\n{link}\n\n"
    "如果你没有预料到这封邮件，请联系管理员。任何人都不会向你索要这个链接。\n",
    "Hello {name},\n\n{who} {what}. Set your password by this link; it works once and for {hours} hours:\n\n{link}\n\n"
    "If you did not expect this, tell an administrator. Nobody will ever ask you for the link.\n",
)
FIRST: Final = Words("开通了账号", "has made an account for you")
AGAIN: Final = Words("重置了密码", "has reset your password")
FAILED: Final = Words(
    "邮件没有发出去，什么都没有改变。请检查邮件设置后再试",
    "the e-mail could not be sent and nothing was changed: look at the mail settings and try again",
)


def send(call: Call, person: Any, *, first: bool = False) -> None:
    """Send the link at the end of the caller's transaction: what cannot be sent is not done. Raises Conflict there."""

    def post() -> None:
        link = call.request.build_absolute_uri(f"/signin#link={person.pk}-{links.make_token(person)}")
        said = BODY.fill(
            name=person.display_name, who=call.viewer.name, what=FIRST if first else AGAIN, link=link,
            hours=settings.PASSWORD_RESET_TIMEOUT // 3600,
        )  # fmt: skip
        if person.language == "en":
            subject, text = SUBJECT.en, said.en
        else:
            subject, text = f"{SUBJECT.zh} / {SUBJECT.en}", f"{said.zh}\n---\n\n{said.en}"
        try:
            EmailMessage(subject, text, to=[person.email]).send()
        except OSError:  # smtplib's errors are of this kind
            raise Conflict(FAILED, code="mail") from None

    second_person.at_the_end(post)


def hinted(address: str) -> str:
    """Enough of an address to know it again: ``w***@example.com``."""
    name, _, host = address.partition("@")
    return f"{name[:1]}***@{host}"
