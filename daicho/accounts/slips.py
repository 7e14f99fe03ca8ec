"""Slips of paper with an initial password: one PDF page per person, for that person's eyes only.

A password is on its slip, and the slip on disk, before the directory learns it: a crash leaves a slip
too many, never an account whose password nobody knows. It is nowhere else.

A slip may be sealed to a certificate as CMS EnvelopedData (RFC 5652): the key may lie on a staff card,
and `openssl cms -decrypt` or any mail program opens it, so that nobody depends on a format of ours.
"""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder, PKCS7Options
from reportlab.lib.pagesizes import A5, landscape
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from daicho.errors import DaichoError, UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.paper import japanese_font

if TYPE_CHECKING:
    from collections.abc import Sequence

_FIXED: Final = "Courier-Bold"
_LEFT: Final = 16 * mm
_PAGE: Final = landscape(A5)
_LONGEST: Final = 200
"""Bytes of a file's name, without its ending; file systems take 255."""


class NoFontForSlips(DaichoError):
    """Without a face with Japanese a slip would show boxes instead of the name."""

    sentence = N_(
        "No Japanese font for the password slips was found. Install fonts-ipaexfont-gothic; "
        "nothing was changed."
    )


class NoSeal(UsageError):
    """The certificate that slips are sealed to cannot be used."""

    sentence = N_(
        "The slips cannot be sealed to {path}: {why}. Put the recipient's certificate (PEM, RSA) there, or "
        "take `seal_to` out of directory.yml."
    )


@dataclass(frozen=True, kw_only=True)
class Slip:
    """What stands on one slip."""

    number: str
    """Employee number, which also names the file."""
    name: str
    kana: str = ""
    section: str = ""
    account: str
    principal: str = ""
    mail: str = ""
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Slips:
    """A folder of slips (mode 0700), each readable by its owner alone (0600)."""

    folder: Path
    office: str = ""
    """Who hands them out, as it stands at the foot."""
    recipient: x509.Certificate | None = None
    """Whom they are sealed to; None: they are plain PDFs."""

    def check(self) -> None:
        """See that slips can be made, before anything is changed.

        Raises:
            NoFontForSlips: No face with Japanese is installed.
        """
        _face()

    def write(self, slip: Slip) -> Path:
        """Keep a slip, in place of an earlier one of the person; it is on disk when this returns."""
        data = page(slip, self.office)
        if self.recipient is not None:
            data = sealed(data, self.recipient)
        place = self.place(slip.number)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile("wb", dir=self.folder, prefix=".", delete=False) as file:
            file.write(data)  # made with mode 0600
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(place)
        _sync(self.folder)
        return place

    def discard(self, number: str) -> None:
        """Remove the slip of somebody whose password was not taken."""
        self.place(number).unlink(missing_ok=True)

    def place(self, number: str) -> Path:
        """Where the slip of an employee is: always in the folder, whatever the number says."""
        return self.folder / f"{file_name_of(number)}.pdf{'.p7m' if self.recipient is not None else ''}"


def recipient(path: Path) -> x509.Certificate:
    """The certificate that slips are sealed to.

    Raises:
        NoSeal: There is none, or its key is not RSA, which is what CMS recipients read everywhere.
    """
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
        PKCS7EnvelopeBuilder().add_recipient(found)
    except (OSError, ValueError, TypeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise NoSeal(path=path.name, why=why.rstrip(".")) from error
    return found


def sealed(data: bytes, to: x509.Certificate) -> bytes:
    """The data as CMS EnvelopedData in DER, AES-256: `openssl cms -decrypt -inform DER` opens it."""
    builder = PKCS7EnvelopeBuilder().set_data(data).add_recipient(to)
    builder = builder.set_content_encryption_algorithm(AES256)
    return builder.encrypt(Encoding.DER, [PKCS7Options.Binary])


def page(slip: Slip, office: str = "") -> bytes:
    """One slip as a PDF page, in the language in force.

    Raises:
        NoFontForSlips: No face with Japanese is installed.
    """
    face = _face()
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=_PAGE)
    canvas.setTitle(_("Initial password"))
    canvas.setFont(face, 17)
    canvas.drawString(_LEFT, _PAGE[1] - 22 * mm, _("Initial password"))
    _facts(canvas, face, slip)
    _lines(canvas, face, _steps(office))
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def file_name_of(number: str) -> str:
    """A number or logon name as the name of a file; no two give the same one."""
    safe = "".join(each if each.isalnum() or each in "-_" else _escaped(each) for each in number) or "%"
    if len(safe.encode()) <= _LONGEST:
        return safe
    return f"{safe[: _LONGEST // 8]}%{hashlib.sha256(number.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _escaped(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "surrogatepass"))


def _facts(canvas: Canvas, face: str, slip: Slip) -> None:
    whole = f"{slip.name}（{slip.kana}）" if slip.kana else slip.name
    rows = (
        (_("Name"), whole, face),
        (_("Employee number"), slip.number, face),
        (_("Section"), slip.section, face),
        (_("Logon name"), slip.account, _FIXED),
        (_("Mail address"), slip.mail, face),
        (_("Password"), slip.password, _FIXED),
    )
    y = _PAGE[1] - 36 * mm
    for label, value, font in rows:
        if not value:
            continue
        canvas.setFont(face, 10)
        canvas.drawString(_LEFT, y, label)
        size = 18 if value == slip.password else 12
        canvas.setFont(font, _fitting(value, font, size))
        canvas.drawString(_LEFT + 40 * mm, y, value)
        y -= (size - 4) * mm if size > 12 else 8 * mm


def _fitting(value: str, font: str, size: float) -> float:
    """The size at which a value stays on the page."""
    width = pdfmetrics.stringWidth(value, font, size)
    room = _PAGE[0] - _LEFT - 56 * mm
    return size if width <= room else size * room / width


def _steps(office: str) -> Sequence[str]:
    return (
        _("1. Log on with this password. You are asked for a new one at once: choose it yourself."),
        _("2. Tell nobody your password, and destroy this slip."),
        _("3. If the password is refused, do not try on: ask {office}.").format(
            office=office or _("the service desk")
        ),
    )


def _lines(canvas: Canvas, face: str, lines: Sequence[str]) -> None:
    canvas.setFont(face, 9)
    for place, line in enumerate(lines):
        canvas.drawString(_LEFT, 30 * mm - place * 6 * mm, line)


def _face() -> str:
    if (face := japanese_font()) is None:
        raise NoFontForSlips
    return face


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
