"use strict";
// The page works without this script: the form then asks the server, which shows the address to confirm.

const page = document.getElementById("findme");
const at = (id) => document.getElementById(id);
const STEP_M = 2; // of an arrow key
const REST_MS = 400; // before the address is looked up: a held key moves 30 times a second, and look-ups are limited
const METRES_PER_DEGREE = 111320;

let map, pin, circle, layers, shown;
let asked = 0; // the latest question for an address; answers to earlier ones come too late
let asking; // the timer of the next one
let sure = false; // confirmed once although outside of the area

function say(text) {
  at("said").textContent = text;
}

async function post(what, fields) {
  const answer = await fetch(`/l/${page.dataset.token}/${what}`, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(fields),
  });
  if (!answer.ok && answer.status !== 429) throw new Error(answer.status); // 429 has its own words
  return answer.json();
}

function makeMap(place) {
  const layer = (name) =>
    L.tileLayer(page.dataset[name], {
      maxZoom: 19,
      attribution: page.dataset[`${name}Credit`],
      referrerPolicy: "origin", // OpenStreetMap refuses pictures without it; it tells our host and nothing else
    });
  layers = { satellite: layer("satellite"), map: layer("map") };
  map = L.map("map", { center: place, zoom: 18, layers: [layers.satellite] });
  map.attributionControl.setPrefix(false);
  shown = "satellite";
  const icon = L.icon({ iconUrl: "/l/static/pin.svg", iconSize: [48, 64], iconAnchor: [24, 62] });
  pin = L.marker(place, { icon, draggable: true, autoPan: true, alt: "Pino no lugar da instalação" }).addTo(map);
  pin.on("dragend", () => moved(pin.getLatLng()));
  map.on("click", (event) => moved(event.latlng));
  pin.getElement().addEventListener("keydown", byKey);
}

function byKey(event) {
  const way = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  if (!way) return;
  event.preventDefault();
  event.stopPropagation();
  const { lat, lng } = pin.getLatLng();
  const degrees = STEP_M / METRES_PER_DEGREE;
  moved(L.latLng(lat + way[0] * degrees, lng + (way[1] * degrees) / Math.cos((lat * Math.PI) / 180)));
}

function showMap(lat, lng, accuracy, isHouse) {
  at("where").hidden = true;
  at("picture").hidden = false;
  const place = L.latLng(lat, lng);
  if (!map) makeMap(place);
  map.invalidateSize();
  map.setView(place, 18);
  if (circle) circle.remove();
  circle = accuracy ? L.circle(place, { radius: accuracy, interactive: false }).addTo(map) : null;
  if (accuracy > 100) map.fitBounds(circle.getBounds());
  moved(place);
  at("accuracy").value = accuracy || "";
  const how = accuracy ? `O GPS só sabe onde você está com uns ${Math.round(accuracy)} m de erro.` : "Só encontrei a rua.";
  at("rough").textContent = `${how} Toque no lugar certo no mapa, ou arraste o pino até ele.`;
  at("rough").hidden = isHouse;
  at("picture-title").focus();
}

function moved(place) {
  pin.setLatLng(place);
  at("lat").value = place.lat.toFixed(6);
  at("lng").value = place.lng.toFixed(6);
  at("accuracy").value = ""; // now a hand has marked it
  sure = false;
  at("rough").hidden = true;
  at("outside").hidden = true;
  at("here").textContent = "Procurando o endereço…";
  clearTimeout(asking);
  asking = setTimeout(describe, REST_MS, ++asked);
}

function describe(mine) {
  post("endereco", { latitude: at("lat").value, longitude: at("lng").value })
    .then((found) => mine === asked && (at("here").textContent = found.endereco || "Lugar marcado no mapa."))
    .catch(() => mine === asked && (at("here").textContent = "Lugar marcado no mapa."));
}

function isOutside() {
  const [south, west, north, east] = JSON.parse(page.dataset.area);
  const { lat, lng } = pin.getLatLng();
  return lat < south || lat > north || lng < west || lng > east;
}

at("gps").addEventListener("click", () => {
  at("gps").disabled = true;
  say("Procurando você…");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      at("gps").disabled = false;
      say("");
      showMap(coords.latitude, coords.longitude, coords.accuracy, coords.accuracy < page.dataset.house);
    },
    () => {
      at("gps").disabled = false;
      say("Não consegui obter a localização. Escreva o endereço.");
      at("address").focus();
    },
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 },
  );
});

at("search").addEventListener("submit", async (event) => {
  event.preventDefault();
  say("Procurando…");
  try {
    const found = await post("busca", new FormData(at("search")));
    if (found.latitude === null) return say(found.mensagem);
    say("");
    showMap(found.latitude, found.longitude, 0, found.casa);
  } catch {
    say("A rede está lenta. Tente de novo.");
  }
});

at("layer").addEventListener("click", () => {
  map.removeLayer(layers[shown]);
  shown = shown === "map" ? "satellite" : "map";
  map.addLayer(layers[shown]);
  at("layer").textContent = shown === "map" ? "Ver a foto de satélite" : "Ver o mapa";
});

at("confirm").addEventListener("submit", (event) => {
  const isRough = !at("rough").hidden;
  if (!isRough && (sure || !isOutside())) return;
  event.preventDefault();
  if (isRough) return at("rough").scrollIntoView();
  sure = true;
  at("outside").hidden = false;
});

at("back").addEventListener("click", () => {
  at("picture").hidden = true;
  at("where").hidden = false;
  at("address").focus();
});

if (window.isSecureContext && navigator.geolocation) at("gps").hidden = false;
else at("insecure").hidden = window.isSecureContext;
