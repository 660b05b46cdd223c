// What an operator does at the shell: node people.mjs ACTION, with LOGIN and PASSWORD given.
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createClient } from "@libsql/client";
import { getMigrations } from "better-auth/db/migration";
import { makeAuth } from "./auth.mjs";

const { LOGIN, PASSWORD } = process.env;
const ROOT = { email: "root@example.com", password: "an administrator", name: "Root" };
const auth = makeAuth("http://127.0.0.1:8000");
const db = createClient({ url: "file:auth.db" });

async function id() {
  const found = await db.execute({ sql: "SELECT id FROM user WHERE email = ?", args: [LOGIN] });
  return found.rows[0].id;
}

async function asAdministrator() {
  const { headers } = await auth.api.signInEmail({ body: ROOT, returnHeaders: true });
  return new Headers({ cookie: headers.get("set-cookie").split(";")[0] });
}

async function admin(method, body) {
  await auth.api[method]({ headers: await asAdministrator(), body });
}

async function setPassword(password) {
  const hash = await (await auth.$context).password.hash(password);
  const sql = "UPDATE account SET password = ? WHERE userId = ?";
  await db.execute({ sql, args: [hash, await id()] });
}

const actions = {
  async create() {
    const { runMigrations } = await getMigrations(auth.options);
    await runMigrations();
    const text = readFileSync("app.toml", "utf8");
    const line = /login = "(.*)", password = "(.*)", name = "(.*)"/g;
    for (const [, email, password, name] of text.matchAll(line))
      await auth.api.signUpEmail({ body: { email, password, name } });
    await auth.api.signUpEmail({ body: ROOT });
    await db.execute({ sql: "UPDATE user SET role = 'admin' WHERE email = ?", args: [ROOT.email] });
  },
  rotate: async () => admin("revokeUserSessions", { userId: await id() }),
  deactivate: async () => admin("banUser", { userId: await id() }),
  activate: async () => admin("unbanUser", { userId: await id() }),
  set_role: async () => admin("setRole", { userId: await id(), role: "admin" }),
  set_role_back: async () => admin("setRole", { userId: await id(), role: "user" }),
  delete: async () => admin("removeUser", { userId: await id() }),
  undelete: () => admin("createUser", { email: LOGIN, password: PASSWORD, name: "Alice" }),
  password_sql: () => setPassword("changed in SQL"),
  password_sql_back: () => setPassword(PASSWORD),
  async stale_save() {
    const { internalAdapter } = await auth.$context;
    const { user } = await internalAdapter.findUserByEmail(LOGIN);
    console.log("loaded");
    const input = createInterface({ input: process.stdin });
    await new Promise((go) => input.once("line", go));
    input.close();
    await internalAdapter.updateUser(user.id, { ...user });
  },
  new_key() {
    const source = readFileSync("auth.mjs", "utf8");
    const [line, old] = source.match(/secret: (".*"),/);
    const newer = '{ version: 2, value: "a-newer-key-for-a-demonstration-9876543210" }';
    const keys = `secrets: [${newer}, { version: 1, value: ${old} }],`;
    writeFileSync("auth.mjs", source.replace(line, keys));
  },
  reset_link: () => console.log(readFileSync("mail.txt", "utf8")),
};

await actions[process.argv[2]]();
process.exit();
