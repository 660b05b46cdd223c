"""What clients send and get. The token and the hash are in none of it: each field is named."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Address = Annotated[str, Field(max_length=255, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")]
Name = Annotated[str, Field(max_length=255, pattern=r"^[^\x00]*$")]
NewPassword = Annotated[str, Field(min_length=8, max_length=128)]


class Token(BaseModel):
    access_token: str
    token_type: str = "bearer"


class Tokens(Token):
    refresh_token: str


class UserPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    email: str
    full_name: str


class UserRegister(BaseModel):
    email: Address
    full_name: Name
    password: NewPassword


class UserUpdateMe(BaseModel):
    full_name: Name


class UserEdit(BaseModel):
    """What an administrator's form sends."""

    full_name: Name
    role: Literal["member", "administrator"]
    is_active: bool
    password: NewPassword | None = None


class UpdateEmail(BaseModel):
    current_password: str
    email: Address


class UpdatePassword(BaseModel):
    current_password: str
    new_password: NewPassword


class ResetPassword(BaseModel):
    token: str
    new_password: NewPassword
