"""How much one person takes out: budgets of sensitive cells, exports, canaries, alerts."""
