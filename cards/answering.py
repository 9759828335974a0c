"""The only code that moves a card by an answer, and takes an answer back."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from django.db import IntegrityError

from cards.models import Box, Card, CardQuerySet, Review, UndoneReview
from cards.models.review import TOOK_MAX_MS
from cards.scheduling import LONG_RUN, Placement, Scheduled, place
from cards.writing import writing

if TYPE_CHECKING:
    from accounts.models import User

UNDO_WITHIN = dt.timedelta(hours=12)

Status = Literal["applied", "repeated", "stale", "unknown"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an answer.

    `applied`: it counts. `repeated`: this very answer had come before (or was taken back since) and
    changed nothing. `stale`: the card is not as the learner saw it, and nothing was changed.
    `unknown`: the learner has no such card.
    """

    status: Status
    review: Review | None = None
    # The learner's `data_version` with this answer, when it follows the one that was read.
    version: int | None = field(default=None, compare=False)


def intervals_of(owner: User) -> list[int]:
    """The days of this learner's boxes 1..n."""
    rows = Box.objects.filter(owner=owner).order_by("number")
    return list(rows.values_list("interval_days", flat=True)) or list(LONG_RUN)


def answer(
    *,
    owner: User,
    card_id: int,
    review_id: uuid.UUID,
    passed: bool,
    seen: Placement,
    now: dt.datetime,
    took_ms: int | None = None,
) -> Outcome:
    """Apply one answer to the card as the learner saw it; six statements, in one transaction.

    `seen` is the box and due date on the learner's screen. A card that is due or new moves and is
    logged; a card missed earlier the same day is logged as a repetition and does not move; any
    other is `stale`, and so is an id that stands for an answer to another card.
    """
    took_ms = None if took_ms is None else max(0, min(took_ms, TOOK_MAX_MS))
    review = Review(id=review_id, owner=owner, passed=passed, answered_at=now, took_ms=took_ms)
    try:
        with writing(owner) as version:
            return replace(_apply(owner, card_id, review, seen), version=version)
    except IntegrityError:
        # The id came before, to another card or to this one, which is back where it was then.
        if Review.objects.filter(pk=review_id).exists():
            return _earlier(Card(pk=card_id, owner=owner), review_id)
        raise


def undo(*, owner: User, review_id: uuid.UUID, now: dt.datetime) -> Outcome:
    """Take back one answer: box, due date and log are as they were before it.

    `repeated`: it had been taken back already. `stale`: it is not the card's last answer, or the
    card was moved since (boxes edited, card reset), and nothing was changed.
    """
    with writing(owner):
        if UndoneReview.objects.filter(pk=review_id, owner=owner).exists():
            return Outcome("repeated")
        review = Review.objects.of(owner).filter(pk=review_id).first()
        if review is None:
            return Outcome("stale")
        # A box that was taken away meanwhile cannot be gone back to.
        if review.box_before > len(intervals_of(owner)):
            return Outcome("stale", review)
        # Only a card's last answer: later ones have set another instant.
        rows = Card.objects.filter(pk=review.card_id, last_reviewed=review.answered_at)
        after = Placement(review.box_after, review.due_after)
        before = Placement(review.box_before, review.due_before)
        if not _move(rows, after, before, review.reviewed_before):
            return Outcome("stale", review)
        Review.objects.filter(pk=review.pk).delete()
        UndoneReview.objects.create(pk=review_id, owner=owner, undone_at=now)
        return Outcome("applied", review)


def last_review(owner: User, now: dt.datetime) -> Review | None:
    """The answer that the next undo takes back; older ones than `UNDO_WITHIN` are past offering."""
    recent = Review.objects.of(owner).filter(answered_at__gt=now - UNDO_WITHIN)
    return recent.order_by("-answered_at").first()


def _apply(owner: User, card_id: int, review: Review, seen: Placement) -> Outcome:
    """Move the card and log `review`, whose id, answer and instant are set."""
    card = Card.objects.filter(owner=owner, pk=card_id).first()
    if card is None:
        return Outcome("unknown")
    if UndoneReview.objects.filter(pk=review.pk).exists():
        return _earlier(card, review.pk)
    review.on = today = owner.today(review.answered_at)
    target = _target(owner, card, seen, review.passed, today)
    rows = Card.objects.filter(pk=card.pk)
    if target is None or not _move(rows, seen, target, review.answered_at):
        # An answer that came before has moved its card, so it is looked for here and not each time.
        return _earlier(card, review.pk)
    review.card, review.reviewed_before = card, card.last_reviewed
    review.repetition = card.due is not None and card.due > today
    review.box_before, review.due_before = seen.box, seen.due
    review.box_after, review.due_after = target.box, target.due
    review.save(force_insert=True)
    return Outcome("applied", review)


def _earlier(card: Card, review_id: uuid.UUID) -> Outcome:
    """What an id that came before is answered with."""
    review = Review.objects.filter(pk=review_id, card=card).first()
    if review or UndoneReview.objects.filter(pk=review_id, owner=card.owner_id).exists():
        return Outcome("repeated", review)
    return Outcome("stale")


def _target(
    owner: User, card: Card, seen: Placement, passed: bool, today: dt.date
) -> Scheduled | None:
    """Where the answer puts the card; None when it does not want this answer.

    A card that is not due stays where it is, and wants an answer only if it was missed today.
    """
    if card.suspended or card.deleted_at or (card.box, card.due) != (seen.box, seen.due):
        return None
    if card.due is not None and card.due > today:
        return Scheduled(card.box, card.due) if _is_missed(owner, card, today) else None
    return place(card.box, passed, today, intervals_of(owner), owner.again_rule)


def _is_missed(owner: User, card: Card, today: dt.date) -> bool:
    """Whether the card's last answer of today was a miss, so that it comes round again."""
    reviews = Review.objects.of(owner).on(today).filter(card=card).order_by("-answered_at")
    return reviews.values_list("passed", flat=True).first() is False


def _move(
    rows: CardQuerySet, seen: Placement, target: Placement, last_reviewed: dt.datetime | None
) -> bool:
    """Set box and due date of the one card if it still is where it was seen; True when it was."""
    rows = rows.filter(box=seen.box, due=seen.due)
    return rows.update(box=target.box, due=target.due, last_reviewed=last_reviewed) == 1
