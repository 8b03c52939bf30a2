"""Every setting, from the environment and `.env`; `.env.example` names them all."""

from core.settings.settings import EXAMPLES as EXAMPLES
from core.settings.settings import DailySettings as DailySettings
from core.settings.settings import LlmSettings as LlmSettings
from core.settings.settings import Settings as Settings
from core.settings.settings import load_settings as load_settings
from core.settings.settings import priorities as priorities
