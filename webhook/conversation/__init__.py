"""Leads a customer's conversation: call after call of `conversa`, with what is remembered in between."""
