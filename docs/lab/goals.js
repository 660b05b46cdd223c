// What there is to do in a step, in order. Each goal looks at what the app answered, not at clicks.
export const NAMES = {
  "alice-laptop": "Alice's laptop",
  "alice-phone": "Alice's phone",
  "bob-laptop": "Bob's laptop",
  thief: "The thief",
};
export const RELOAD = "Reload";
export const STEAL = "Steal this cookie";
export const LOG_IN = "Log in";

// In step 3 every login is locked out: to see that is its list.
export function startsSignedIn({ number }) {
  return number !== 3;
}

// The part of the request check that keeps the thief out, where one line has it.
const SAME_TOKEN = ' or not same_token(session.get("session_token"), user.session_token)';
const IS_LIVE = " or not is_live(session, user)";
const CHECKS = { 4: SAME_TOKEN, 5: SAME_TOKEN, 6: IS_LIVE, 7: IS_LIVE };

export function checkOf({ number }) {
  return CHECKS[number] ?? null;
}

// A goal: what to `press`, `on` which device, and what the devices' facts say when it is reached.
// Where the order matters, it waits for the goal `after`. One that asks `again` is judged by an
// answer that came later than that, and says what the device is `instead`.
function staysIn(on, after, then, instead) {
  return { id: `${on} again`, on, press: RELOAD, after, again: true, done: (facts) => facts[on].isIn, then, instead };
}

function isOut(on, after, then, instead) {
  return { ...staysIn(on, after, then, instead), done: (facts) => facts[on].isOut };
}

const theft = {
  id: "theft",
  on: "alice-laptop",
  press: STEAL,
  done: (facts) => facts.thief.isIn,
  then: "The thief is in as Alice.",
  isHarm: true,
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
  on: "alice-laptop",
  press: "Log out everywhere",
  after: "theft",
  done: ({ thief }) => thief.isStale || thief.hasNoRow,
  then: "Alice has a new token.",
};

const ignoredToken = { ...newToken, done: (facts) => facts.hasNewToken, then: "Alice has a new token. Does it matter?" };

const refused = {
  id: "refused",
  on: "alice-laptop",
  press: LOG_IN,
  done: (facts) => facts["alice-laptop"].isExpired,
  then: "Logged out at once: the check wants a stamp, which is the token's copy in the cookie. The login writes none.",
};

const thiefStays = (after, why) => staysIn("thief", after, `The thief is still in. ${why}`, "Changed: the thief is thrown out.");
const thiefIsOut = (after) => isOut("thief", after, "The thief is thrown out.", "The thief is still in.");
const phoneStays = (after, then) => staysIn("alice-phone", after, then, "Changed: Alice is logged out on her phone.");

export function goalsOf({ number }) {
  if (number < 2) return [theft, logout, thiefStays("logout", "Nothing here ends a copy.")];
  if (number === 2) {
    return [
      theft,
      ignoredToken,
      thiefStays("new token", "Nobody asks for the token yet."),
      phoneStays("new token", "Alice's phone is still in too."),
    ];
  }
  if (number === 3) return [refused];
  if (number === 8) {
    return [
      theft,
      { ...logout, press: "Log out this browser", then: "The row of its session is gone." },
      thiefIsOut("logout"),
      phoneStays("logout", "Alice's phone is still in: it has its own row."),
    ];
  }
  return [
    theft,
    newToken,
    thiefIsOut("new token"),
    isOut("alice-phone", "new token", "Alice is logged out on her phone too.", "Alice's phone is still in."),
    staysIn("bob-laptop", "new token", "Bob is still in: he has his own token.", "Bob is logged out too."),
  ];
}
