"""Every outcome a reply can have: its code, whether we did what was asked, and words for the customer.

`codigo` and `ok` of a reply come from here and from nowhere else. A new code goes into docs/pt/outcomes.md
as well (a test compares the two).
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """`message` is Portuguese, ready to send to the customer; `{detail}` in it is filled per reply."""

    code: str
    ok: bool
    message: str
    later: bool = False
    """True if the same request may succeed later, with nothing changed by the customer."""

    def words(self, texts: Mapping[str, str], detail: str = "") -> str:
        """The message for a customer; `texts` are the tenant's own wordings, by code."""
        return texts.get(self.code) or self.message.format(detail=detail)


_NOT_SET_UP = "O atendimento automático não está disponível agora. Fale com um atendente, por favor."
"""The flow or its key does not fit the service: all the same to a customer."""

# Yes: the service did what was asked, whatever the answer.
VIAVEL = Outcome("viavel", True, "Boa notícia: temos fibra disponível no seu endereço!")
SEM_VIABILIDADE = Outcome("sem_viabilidade", True, "Ainda não temos fibra disponível no seu endereço.")
LOCALIZACAO_OK = Outcome("localizacao_ok", True, "{detail}")
LINK_CRIADO = Outcome("link_criado", True, "Abra este link para marcar o lugar no mapa: {detail}")
AGUARDANDO_LOCALIZACAO = Outcome(
    "aguardando_localizacao",
    True,
    "Ainda não recebi o lugar. Abra o link, marque o lugar no mapa e confirme.",
)
LOCALIZACAO_RECEBIDA = Outcome("localizacao_recebida", True, "Recebi o lugar da instalação. Obrigado!")
RESERVADO = Outcome("reservado", True, "Pronto! A sua instalação está reservada.")
JA_RESERVADO = Outcome("ja_reservado", True, "A sua instalação já está reservada.")
RESERVA_PENDENTE = Outcome("reserva_pendente", True, "Recebemos o seu pedido de reserva e vamos confirmá-lo.")
RESERVA_ENCONTRADA = Outcome("reserva_encontrada", True, "A sua reserva está confirmada.")
RESERVA_CANCELADA = Outcome("reserva_cancelada", True, "A sua reserva foi cancelada.")
CANCELAMENTO_PENDENTE = Outcome(
    "cancelamento_pendente", True, "Recebemos o seu pedido de cancelamento e vamos concluí-lo."
)
RESERVA_ATIVADA = Outcome("reserva_ativada", True, "A sua instalação está ativa.")
PROSPECT_CRIADO = Outcome(
    "prospect_criado", True, "Guardamos o seu contato e avisaremos quando a fibra chegar ao seu endereço."
)
PROSPECT_JA_EXISTE = Outcome(
    "prospect_ja_existe", True, "Já temos o seu contato e avisaremos quando a fibra chegar ao seu endereço."
)
PROSPECT_PENDENTE = Outcome(
    "prospect_pendente", True, "Recebemos o seu contato e avisaremos quando a fibra chegar ao seu endereço."
)
CONSULTA_OK = Outcome("consulta_ok", True, "{detail}")
CONSULTA_VAZIA = Outcome("consulta_vazia", True, "Não encontrei nada com esses dados.")
ECO = Outcome("eco", True, "Recebido.")
CONVERSA_EM_CURSO = Outcome("conversa_em_curso", True, "{detail}")
CONVERSA_ENCERRADA = Outcome("conversa_encerrada", True, "{detail}")
CONVERSA_TRANSFERIDA = Outcome("conversa_transferida", True, "{detail}")

# No: ask the customer.
LOCALIZACAO_AUSENTE = Outcome(
    "localizacao_ausente", False, "Para consultar, envie a localização do endereço da instalação."
)
LOCALIZACAO_NAO_ENTENDIDA = Outcome(
    "localizacao_nao_entendida",
    False,
    "Não consegui entender a localização{detail}. Envie de novo pelo aplicativo, cole um link do mapa, ou"
    " escreva a rua, o número e a cidade.",
)
ENDERECO_NAO_ENCONTRADO = Outcome(
    "endereco_nao_encontrado",
    False,
    "Não encontrei esse endereço. Confira a rua, o número e a cidade, ou envie a sua localização pelo"
    " aplicativo.",
)
ENDERECO_IMPRECISO = Outcome("endereco_impreciso", False, "{detail}")
LINK_EXPIRADO = Outcome("link_expirado", False, "O link da localização venceu. Peça um novo, por favor.")
DADOS_INVALIDOS = Outcome("dados_invalidos", False, "Não foi possível usar os dados recebidos: {detail}.")

# No: the answer is another.
RESERVA_NAO_ENCONTRADA = Outcome("reserva_nao_encontrada", False, "Não encontrei uma reserva sua.")
RESERVA_JA_ATIVADA = Outcome(
    "reserva_ja_ativada",
    False,
    "A sua instalação já está ativa. Para mudar alguma coisa, fale com um atendente, por favor.",
)
CONSULTA_DESCONHECIDA = Outcome("consulta_desconhecida", False, _NOT_SET_UP)
FLUXO_DESCONHECIDO = Outcome("fluxo_desconhecido", False, _NOT_SET_UP)

# No: try later.
CONSULTANDO = Outcome(
    "consultando", False, "Ainda estamos consultando a rede. Aguarde alguns segundos, por favor.", later=True
)
OCUPADO = Outcome(
    "ocupado",
    False,
    "Estamos com muitas consultas agora. Tente de novo em alguns minutos, por favor.",
    later=True,
)
LIMITE_EXCEDIDO = Outcome(
    "limite_excedido",
    False,
    "Há muitas consultas ao mesmo tempo. Tente de novo daqui a pouco, por favor.",
    later=True,
)
OZMAP_INDISPONIVEL = Outcome(
    "ozmap_indisponivel",
    False,
    "Não foi possível consultar a rede agora. Tente de novo em alguns minutos, por favor.",
    later=True,
)

GEOCODER_INDISPONIVEL = Outcome(
    "geocoder_indisponivel",
    False,
    "Não consegui procurar esse lugar agora. Envie a sua localização pelo aplicativo, por favor.",
    later=True,
)

# No: for the operator.
BUSCA_INCOMPLETA = Outcome(
    "busca_incompleta",
    False,
    "Não foi possível concluir a consulta para este endereço. Um atendente vai verificar.",
)
VIAVEL_SEM_CAIXA = Outcome(
    "viavel_sem_caixa",
    False,
    "O atendimento no seu endereço precisa de uma verificação nossa. Um atendente vai continuar com você.",
)
FALHOU = Outcome(
    "falhou",
    False,
    "Não conseguimos concluir o seu pedido automaticamente. Um atendente vai continuar com você.",
)
OZMAP_RECUSOU = Outcome(
    "ozmap_recusou",
    False,
    "Não foi possível consultar a rede agora. Um atendente vai verificar.",
)
CHAVE_INVALIDA = Outcome("chave_invalida", False, _NOT_SET_UP)
NAO_ENCONTRADO = Outcome("nao_encontrado", False, _NOT_SET_UP)
ERRO_INTERNO = Outcome(
    "erro_interno", False, "Algo deu errado do nosso lado. Tente de novo em alguns minutos, por favor."
)

CATALOGUE = {outcome.code: outcome for outcome in list(vars().values()) if isinstance(outcome, Outcome)}
LATER = frozenset(code for code, outcome in CATALOGUE.items() if outcome.later)
"""Codes at which a flow should try again later."""


@dataclass(frozen=True)
class Answer:
    """What an action has to say: an outcome, the record its reply keys are read from, and a detail."""

    outcome: Outcome
    result: object = None
    detail: str = ""
    failure: str = ""
    """Why OZmap gave no usable answer, for the log."""
