"""What the app is told: by the environment, or by `.env` in the folder in which it runs."""

from functools import lru_cache

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env")

    database_url: str = "sqlite:///app.db"
    secret_keys: list[str]  # the first one signs, all of them verify
    cors_origins: list[str] = ["http://localhost:5173"]
    password_time_cost: int = 3  # Argon2's; a login hashes again what has another one


@lru_cache
def settings() -> Settings:
    return Settings()
