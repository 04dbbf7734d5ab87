"""The star schema: what was (facts), about whom and when (dimensions). Amounts are minor units."""

from warehouse.facts.models.dimensions import (
    DimBudget,
    DimCampaign,
    DimDate,
    DimMember,
    DimMemberTier,
    DimMerchant,
    DimProgramme,
    DimRule,
    DimTier,
)
from warehouse.facts.models.facts import (
    FactBudgetUse,
    FactPaymentEvent,
    FactPointsEntry,
    FactPointsRule,
    FactTierChange,
    FactVoucherEvent,
    FactWalletEntry,
)
from warehouse.facts.models.totals import BudgetTotal, MovementTotal

__all__ = [
    "BudgetTotal",
    "DimBudget",
    "DimCampaign",
    "DimDate",
    "DimMember",
    "DimMemberTier",
    "DimMerchant",
    "DimProgramme",
    "DimRule",
    "DimTier",
    "FactBudgetUse",
    "FactPaymentEvent",
    "FactPointsEntry",
    "FactPointsRule",
    "FactTierChange",
    "FactVoucherEvent",
    "FactWalletEntry",
    "MovementTotal",
]
