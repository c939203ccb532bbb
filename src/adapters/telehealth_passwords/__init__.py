"""Passwords: hashed and compared with argon2id (ENC-08)."""

from telehealth_passwords.argon2id import Argon2Passwords

__all__ = ["Argon2Passwords"]
