import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import { makeAuth } from "./auth.mjs";

const [port, tls] = process.argv.slice(2);
const auth = makeAuth(`${tls ? "https" : "http"}://127.0.0.1:${port}`);
const handler = toNodeHandler(auth);

async function app(request, response) {
  if (request.url.startsWith("/api/auth/")) return handler(request, response);
  if (request.url === "/about") return answer(response, 200, { open: "to all" });
  const session = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
  if (!session) return answer(response, 401, { error: "not signed in" });
  if (request.url === "/events") return events(response);
  answer(response, 200, { email: session.user.email, name: session.user.name });
}

function answer(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function events(response) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  let number = 0;
  const timer = setInterval(() => {
    response.write(`data: ${number}\n\n`);
    if (++number === 100) response.end(clearInterval(timer));
  }, 100);
  response.on("close", () => clearInterval(timer));
}

const server = tls
  ? https.createServer({ cert: readFileSync("cert.pem"), key: readFileSync("key.pem") }, app)
  : http.createServer(app);
server.listen(Number(port), "127.0.0.1");
