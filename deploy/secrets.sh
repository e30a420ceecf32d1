#!/bin/sh
# Makes the files that compose.yaml reads, each once: keys and passwords that nobody has to invent.
set -eu
mkdir -p secrets
chmod 700 secrets
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
put() { [ -e "secrets/$1" ] || printf '%s' "$2" > "secrets/$1"; }
put database_password "$(random)"
put database_url "postgresql://webhook:$(cat secrets/database_password)@database/webhook"
for key in huggy_key fivehub_key typebot_key operator_key; do put "$key" "$(random)"; done
if [ ! -e secrets/ozmap_token ]; then
    printf 'OZmap key: ' >&2
    read -r token
    put ozmap_token "$token"
fi
# The containers' user has another number than yours.
chmod 644 secrets/*
