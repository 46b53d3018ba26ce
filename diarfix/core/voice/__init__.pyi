from diarfix.core.voice.decision import Account as Account
from diarfix.core.voice.decision import Rechecked as Rechecked
from diarfix.core.voice.decision import decide as decide
from diarfix.core.voice.decision import pool_accounts as pool_accounts
from diarfix.core.voice.plan import ListeningPlan as ListeningPlan
from diarfix.core.voice.plan import plan_listening as plan_listening
