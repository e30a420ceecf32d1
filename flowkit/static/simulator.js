"use strict";
// The service plays the flow; this page keeps the state of the conversation and shows it.

const at = (id) => document.getElementById(id);
const LINK = /https?:\/\/[^\s]+/g;

let state = null; // variables and the question that waits, as the service sent them
let run = 0; // numbers the requests: replies to earlier ones are dropped
let map, pin;

function element(tag, text, kind) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.textContent = text;
  return made;
}

function bubble(text, kind) {
  const made = element("li", "", kind);
  let done = 0;
  for (const match of text.matchAll(LINK)) {
    made.append(text.slice(done, match.index));
    const link = element("a", match[0]);
    link.href = match[0];
    link.target = "_blank";
    link.rel = "noopener";
    made.append(link);
    done = match.index + match[0].length;
  }
  made.append(text.slice(done));
  at("chat").append(made);
  showLast();
}

function showLast() {
  at("chat").scrollTop = at("chat").scrollHeight;
}

function listen(buttons) {
  const waits = buttons !== null;
  for (const id of ["text", "send", "pin"]) at(id).disabled = !waits;
  at("buttons").replaceChildren(
    ...(buttons || []).map((title) => {
      const made = element("button", title);
      made.type = "button";
      made.addEventListener("click", () => answer(title));
      return made;
    }),
  );
  showLast(); // the buttons take room from the list
  if (waits) at("text").focus();
}

function showCall(event) {
  const made = document.createElement("details");
  const { method, url, headers, body } = event.call;
  const code = event.reply ? event.reply.codigo : "sem resposta";
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  made.append(
    element("summary", `${method} ${url} → ${code}`),
    element("pre", `${lines.join("\n")}\n\n${JSON.stringify(body, null, 2)}`),
    element("pre", JSON.stringify(event.reply, null, 2)),
  );
  const item = document.createElement("li");
  item.append(made);
  at("calls").append(item);
}

function showVariables(variables) {
  at("variables").replaceChildren(
    ...Object.entries(variables).map(([name, value]) => {
      const row = document.createElement("tr");
      row.append(element("th", name), element("td", value === null ? "(vazio)" : String(value)));
      return row;
    }),
  );
}

async function post(request) {
  const mine = ++run;
  listen(null);
  let played;
  try {
    const reply = await fetch(`/simulador/${at("flow").value}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
    });
    if (!reply.ok) throw new Error(reply.status);
    played = await reply.json();
  } catch {
    if (mine === run) bubble("O serviço não respondeu. Recomece.", "end");
    return;
  }
  if (mine !== run) return;
  let buttons = [];
  for (const event of played.events) {
    if (event.call) showCall(event);
    if (event.text) bubble(event.text, "bot");
    if (event.end) bubble(event.end, "end");
    if (event.buttons) buttons = event.buttons;
  }
  state = { variables: played.variables, at: played.at };
  showVariables(played.variables);
  listen(played.ended ? null : buttons);
}

function answer(text, shown) {
  bubble(shown || text, "me");
  post({ ...state, answer: text });
}

function start() {
  for (const id of ["chat", "calls", "variables"]) at(id).replaceChildren();
  at("place").hidden = true;
  const chosen = at("flow").value;
  at("again").hidden = at("guide").hidden = !chosen;
  if (!chosen) return listen(null);
  at("guide").href = `/simulador/guia/${chosen}`;
  post({});
}

function mark(place) {
  if (!pin) {
    const icon = L.icon({ iconUrl: "/l/static/pin.svg", iconSize: [36, 48], iconAnchor: [18, 46] });
    pin = L.marker(place, { icon, alt: "Lugar marcado" }).addTo(map);
  }
  pin.setLatLng(place);
  at("marked").textContent = `${place.lat.toFixed(6)}, ${place.lng.toFixed(6)}`;
  at("share").disabled = false;
}

function makeMap() {
  const { map: tiles, mapCredit, area } = at("place").dataset;
  const [south, west, north, east] = JSON.parse(area);
  map = L.map("map");
  L.tileLayer(tiles, { maxZoom: 19, attribution: mapCredit, referrerPolicy: "origin" }).addTo(map);
  map.attributionControl.setPrefix(false);
  map.fitBounds([[south, west], [north, east]]);
  map.on("click", (event) => mark(event.latlng));
}

at("flow").addEventListener("change", start);
at("again").addEventListener("click", start);

at("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (!text) return;
  at("text").value = "";
  answer(text);
});

at("pin").addEventListener("click", () => {
  at("place").hidden = false;
  if (!map) makeMap();
  map.invalidateSize();
});

at("gps").addEventListener("click", () => {
  at("marked").textContent = "Procurando você…";
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const place = L.latLng(coords.latitude, coords.longitude);
      map.setView(place, 17);
      mark(place);
    },
    () => (at("marked").textContent = "Não consegui obter a localização. Toque no mapa."),
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 },
  );
});

at("share").addEventListener("click", () => {
  const { lat, lng } = pin.getLatLng();
  at("place").hidden = true;
  const place = { latitude: Number(lat.toFixed(6)), longitude: Number(lng.toFixed(6)) };
  answer(JSON.stringify(place), `Localização\n${place.latitude}, ${place.longitude}`);
});

at("close").addEventListener("click", () => (at("place").hidden = true));
