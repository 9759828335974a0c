"""The way out for somebody who lost phone, passkeys and recovery codes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User


class Command(BaseCommand):
    help = (
        "Removes the second factor of one account: authenticator app, passkeys and recovery codes. "
        "Signs it out everywhere; the password stays. Who may use the admin is then led to set up "
        "a new one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the account's e-mail address")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist:
            raise CommandError(f"There is no account with the address {email}.") from None
        with transaction.atomic():
            gone = Authenticator.objects.filter(user=user).delete()[0]
            sessions = list(UserSession.objects.filter(user=user))
            for session in sessions:
                session.end()
        self.stdout.write(
            f"{user.email}: {gone} removed (app, passkeys, recovery codes), signed out of "
            f"{len(sessions)} browsers."
        )
