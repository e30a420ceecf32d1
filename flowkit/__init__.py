"""Tools for flow authors: picture, build guide, written conversations, simulator.

Imports webhook; webhook never imports it.
"""
