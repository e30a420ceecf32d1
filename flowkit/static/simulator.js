"use strict";
// Does what a flow on a platform does: sends each answer to the service, shows what comes back, obeys `acao`.

const at = (id) => document.getElementById(id);
const LINK = /https?:\/\/[^\s]+/g;
const ACTIONS = { perguntar: ask, esperar: wait, transferir: handOver, encerrar: end };
const MADE = {
  Reserva: {
    reserva_codigo: "Código", cliente_id: "Cliente", imovel_id: "Imóvel", caixa_nome: "Caixa", splitter_nome: "Splitter",
    porta: "Porta", endereco: "Endereço", expira_em: "Vale até",
  },
  Prospect: { prospect_id: "Prospect", tags_aplicadas: "Tags", endereco: "Endereço" },
};

let customer = ""; // the id of the conversation, as a platform has one for each chat
let step = ""; // `etapa` of the last reply
let run = 0; // numbers the calls: what comes of earlier ones is dropped
let map, pin, boxes;

function element(tag, text, kind) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.textContent = text;
  return made;
}

// The chat

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
  return made;
}

function showLast() {
  at("chat").scrollTop = at("chat").scrollHeight;
}

function button(title, act) {
  const made = element("button", title);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function listen(isOpen, ...buttons) {
  for (const id of ["text", "send", "pin"]) at(id).disabled = !isOpen;
  at("buttons").replaceChildren(...buttons);
  showLast(); // they take room from the chat
  // On a phone the keyboard would hide the chat.
  if (isOpen && matchMedia("(pointer: fine)").matches) at("text").focus({ preventScroll: true });
}

function ask(reply) {
  const options = reply.opcoes ? reply.opcoes.split("\n") : [];
  listen(true, ...options.map((title) => button(title, () => answer(title))));
}

function wait(reply) {
  const mine = run;
  const note = bubble(`O fluxo espera ${reply.espera_s} s…`, "wait");
  setTimeout(() => {
    note.remove();
    if (mine === run) call();
  }, Number(reply.espera_s) * 1000);
}

function handOver(reply) {
  if (reply.resumo) bubble(reply.resumo, "note").prepend(element("b", "Nota para o atendente"));
  close("Uma pessoa continua daqui.");
}

function end() {
  close("Fim do atendimento.");
}

function close(text) {
  bubble(text, "end");
  at("again").hidden = true;
  listen(false, button("Recomeçar", restart));
}

async function call(given) {
  const mine = ++run;
  const [platform, flow] = at("flow").value.split("/");
  const sent = { conversa_id: customer, resposta: given, etapa: step, fluxo: flow, botoes: "sim" };
  listen(false);
  const note = bubble("…", "wait");
  let got;
  try {
    const reply = await fetch(`/simulador/${platform}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(sent),
    });
    got = await reply.json();
  } catch {
    got = { reply: null };
  }
  note.remove();
  if (mine !== run) return;
  const reply = (got.reply && got.reply.variables) || got.reply; // HUGGY_VALUES=variables
  if (got.inside) showInside(platform, sent, reply, got.inside);
  const act = reply && ACTIONS[reply.acao];
  if (!act) return close("O serviço não respondeu. Na sua plataforma, uma pessoa continuaria daqui.");
  step = reply.etapa;
  if (reply.mensagem) bubble(reply.mensagem, "bot");
  act(reply);
}

function answer(text, shown) {
  bubble(shown || text, "me");
  call(text);
}

function restart() {
  const random = crypto.getRandomValues(new Uint8Array(8));
  customer = `simulador-${Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  at("made").replaceChildren();
  begin();
}

function begin() {
  const chosen = at("flow").value;
  run++; // nothing of the conversation before
  step = "";
  for (const id of ["chat", "calls", "variables"]) at(id).replaceChildren();
  at("place").hidden = true;
  for (const id of ["again", "shown"]) at(id).hidden = !chosen;
  at("hint").hidden = Boolean(chosen);
  for (const one of document.querySelectorAll("[data-flow]")) one.hidden = one.dataset.flow !== chosen;
  listen(false);
  if (!chosen) return;
  at("guide").hidden = !("guide" in at("flow").selectedOptions[0].dataset);
  at("guide").href = `/simulador/guia/${chosen.split("/")[0]}/conversa`;
  call();
}

// Beside the chat

function showInside(platform, sent, reply, inside) {
  showStep(inside.step);
  at("variables").replaceChildren(...rows(Object.entries(inside.variables)));
  const shown = [exchange(`POST /${platform}/conversa → ${reply ? reply.acao : "sem resposta"}`, sent, reply)];
  for (const made of inside.calls) {
    shown.push(exchange(`${made.action} → ${made.reply.codigo}`, made.values, made.reply, "step"));
    showMade(made.reply);
  }
  at("calls").prepend(...shown);
}

function rows(pairs) {
  return pairs.map(([name, value]) => {
    const row = document.createElement("tr");
    row.append(element("th", name), element("td", value === null || value === "" ? "(vazio)" : String(value)));
    return row;
  });
}

function showStep(id) {
  const picture = at("picture");
  for (const old of picture.querySelectorAll(".now")) old.classList.remove("now");
  const now = id && picture.querySelector(`:not([hidden]) > svg > [data-step="${CSS.escape(id)}"]`);
  if (!now) return;
  now.classList.add("now");
  const box = now.getBoundingClientRect();
  const frame = picture.getBoundingClientRect();
  picture.scrollBy(
    box.left + box.width / 2 - frame.left - frame.width / 2,
    box.top + box.height / 2 - frame.top - frame.height / 2,
  );
}

function exchange(title, sent, reply, kind) {
  const made = document.createElement("details");
  made.append(
    element("summary", title),
    element("pre", JSON.stringify(sent, null, 2)),
    element("pre", JSON.stringify(reply, null, 2)),
  );
  const item = element("li", "", kind);
  item.append(made);
  return item;
}

function showMade(reply) {
  const isCancelled = reply.codigo === "reserva_cancelada";
  const kind = reply.prospect_id ? "Prospect" : reply.imovel_id || isCancelled ? "Reserva" : "";
  if (!kind) return;
  const table = document.createElement("table");
  table.dataset.id = reply.prospect_id || reply.reserva_codigo;
  table.append(
    element("caption", isCancelled ? "Reserva cancelada" : kind),
    ...rows(Object.entries(MADE[kind]).flatMap(([key, label]) => (reply[key] ? [[label, reply[key]]] : []))),
  );
  const old = [...at("made").children].find((one) => one.dataset.id === table.dataset.id);
  if (old) old.replaceWith(table);
  else at("made").append(table);
}

// The map

function mark(place) {
  if (!pin) {
    const icon = L.icon({ iconUrl: "/l/static/pin.svg", iconSize: [36, 48], iconAnchor: [18, 46] });
    pin = L.marker(place, { icon, alt: "Lugar marcado", interactive: false }).addTo(map);
  }
  pin.setLatLng(place);
  at("marked").textContent = `${place.lat.toFixed(6)}, ${place.lng.toFixed(6)}`;
  at("share").disabled = false;
}

function makeMap() {
  const { map: tiles, mapCredit } = at("place").dataset;
  map = L.map("map");
  boxes = L.layerGroup().addTo(map);
  L.tileLayer(tiles, { maxZoom: 19, attribution: mapCredit, referrerPolicy: "origin" }).addTo(map);
  map.attributionControl.setPrefix(false);
  map.on("click", (event) => mark(event.latlng));
  map.on("moveend", showFibre);
}

async function showFibre() {
  const { lat, lng } = map.getCenter();
  const [platform] = at("flow").value.split("/");
  let free;
  try {
    const reply = await fetch(`/simulador/rede/${platform}?latitude=${lat}&longitude=${lng}`);
    free = await reply.json();
  } catch {
    return; // the map works without them
  }
  if (!map.getCenter().equals([lat, lng])) return;
  boxes.clearLayers();
  const radius = map.getZoom() < 15 ? 3 : 6;
  for (const { name, point, free_ports } of free) {
    const ports = free_ports === 1 ? "1 porta livre" : `${free_ports} portas livres`;
    L.circleMarker(point, { radius, color: "#0b5d2e", weight: 2, fillColor: "#3fae6a", fillOpacity: 0.8 })
      .bindTooltip(element("span", `${name}: ${ports}`))
      .addTo(boxes);
  }
  at("fibre").textContent = free.length ? "caixas com portas livres, até 1,5 km do centro" : "";
}

at("flow").addEventListener("change", () => (customer && at("flow").value ? begin() : restart()));
at("again").addEventListener("click", restart);
new ResizeObserver(showLast).observe(at("chat")); // so does a keyboard

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
  map.invalidateSize({ pan: false });
  const [south, west, north, east] = JSON.parse(at("flow").selectedOptions[0].dataset.area);
  map.fitBounds([[south, west], [north, east]]);
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
