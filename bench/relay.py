"""What somebody would write instead: ten lines of Flask and one shared session. The yardstick."""

import os
from unittest.mock import Mock

import requests
from flask import Flask, request

app = Flask(__name__)
app.extensions["webhook"] = Mock(accounts={})  # what the gunicorn hooks start and stop: nothing here
session = requests.Session()
session.headers["Authorization"] = os.environ["OZMAP_TOKEN"]


@app.post("/relay")
def relay():
    sent = request.get_json()
    params = {"lat": sent["latitude"], "lng": sent["longitude"]}
    url = f"{os.environ['OZMAP_URL']}/api/v2/ftth-viability/radius"
    answer = session.get(url, params=params, timeout=4).json()
    return {"viavel": answer["viable"], "caixa": answer["boxes"][0]["name"]}
