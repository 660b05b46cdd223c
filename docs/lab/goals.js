// What there is to do in a step, in order. Each goal looks at what the app answered, not at clicks.
export const NAMES = {
  "alice-laptop": "Alice's laptop",
  "alice-phone": "Alice's phone",
  "bob-laptop": "Bob's laptop",
  thief: "The thief",
};
export const RELOAD = "Reload";
export const COPY = "Copy this cookie as a thief";

// A goal: what to `press`, `on` which device, and what the devices' facts say when it is reached.
// Where the order matters, it waits for the goal `after`. One that asks `again` is judged by an
// answer that came later than that, and says what the device is `instead`.
function signIn(on) {
  return { id: on, on, press: "Log in", done: (facts) => facts[on].isIn, then: "In." };
}

function again(on, isIn, after, why = "") {
  const [so, instead] = isIn ? ["Still in.", "It is out."] : ["Out.", "Still in: the app let it through."];
  const done = (facts) => (isIn ? facts[on].isIn : facts[on].isOut);
  return { id: `${on} again`, on, press: RELOAD, done, after, again: true, then: `${so}${why}`, instead };
}

const theft = {
  id: "theft",
  on: "alice-laptop",
  press: COPY,
  done: (facts) => facts.thief.isIn,
  then: "The thief is in, without a password.",
};

const logout = {
  id: "logout",
  on: "alice-laptop",
  press: "Log out",
  after: "theft",
  done: (facts) => facts["alice-laptop"].isOut,
  then: "This browser forgot its cookie.",
};

const newToken = {
  id: "new token",
  on: "alice-phone",
  press: "Log out everywhere",
  after: "theft",
  done: (facts) => facts.thief.isStale,
  then: "A new token. Bob keeps his.",
};

const ignoredToken = { ...newToken, done: (facts) => facts.hasNewToken, then: "A new token. Does it matter?" };

const refused = {
  id: "refused",
  on: "alice-laptop",
  press: "Log in",
  done: (facts) => facts["alice-laptop"].isExpired,
  then: "Thrown out at once: the check asks for a stamp, and the login writes none.",
};

const STOLEN = [signIn("alice-laptop"), theft];

export function goalsOf({ number }) {
  if (number < 2) {
    return [...STOLEN, logout, again("thief", true, "logout", " Nothing here ends a copy.")];
  }
  if (number === 2) {
    return [
      ...STOLEN,
      signIn("alice-phone"),
      ignoredToken,
      again("thief", true, "new token", " Nobody asks for the token yet."),
      again("alice-laptop", true, "new token"),
    ];
  }
  if (number === 3) return [refused];
  return [
    ...STOLEN,
    signIn("bob-laptop"),
    signIn("alice-phone"),
    newToken,
    again("thief", false, "new token"),
    again("alice-laptop", false, "new token"),
    again("bob-laptop", true, "new token"),
  ];
}
