// better-auth with e-mail and password and the admin plugin, as its documentation sets them up.
import { writeFileSync } from "node:fs";
import { LibsqlDialect } from "@libsql/kysely-libsql";
import { betterAuth } from "better-auth";
import { admin } from "better-auth/plugins";

export const makeAuth = (baseURL) =>
  betterAuth({
    baseURL,
    secret: "a-key-for-a-demonstration-0123456789",
    database: { dialect: new LibsqlDialect({ url: "file:auth.db" }), type: "sqlite" },
    emailAndPassword: {
      enabled: true,
      sendResetPassword: async ({ token }) => writeFileSync("mail.txt", token),
    },
    plugins: [admin()],
  });
