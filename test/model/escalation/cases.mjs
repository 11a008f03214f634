// [name, expected, options]
export const CASES = [
  ['broken: the note and the entry are two writes, 1 crash', 'breaks', { write: 'two', K: 1, crash: 1 }],
  ['broken: what is handed over has no numbers', 'breaks', { number: false, moot: false, K: 1, lost: 1 }],
  ['broken: no numbers, and only what is known is left out', 'breaks', { number: false, K: 2 }],
  ['broken: an end is handed on once the first receiver knows it', 'breaks', { passOn: 'sent', K: 4 }],
  ['broken: the lead takes what it knows, 2 senders', 'breaks', { moot: false, NS: 2, K: 1 }],
  ['broken: everything is cleared, also what came later', 'breaks', { clear: 'all', K: 2 }],
  ['ok: 1 episode', 'holds', { K: 2 }],
  ['ok: 2 episodes, 1 crash, 1 lost answer', 'holds', { K: 4, crash: 1, lost: 1 }],
  ['ok: 2 episodes, acknowledged once, 1 crash', 'holds', { K: 4, crash: 1, ack: 1 }],
  ['ok: 3 transitions, 2 crashes, 2 lost answers', 'holds', { K: 3, crash: 2, lost: 2 }],
  ['ok: 2 senders, 1 episode, 1 crash', 'holds', { NS: 2, K: 2, crash: 1 }],
  ['ok: 2 senders, 3 transitions, 1 lost answer', 'holds', { NS: 2, K: 3, lost: 1 }],
];
