// Model of escalation on top of the protocol: alert groups (senders) that are notified of one alert, and one that is notified in addition (the lead).
// The rule's entries are fired, ended, fired, ended, … Documents change only by compare-and-set; a read-decide-write that fails changes nothing, so
// one that succeeds is one step. Sending itself, with its repeats, is the business of the other models: here a claim is delivered at once.
export const BASE = {
  NP: 2, // replicas that hand over; each works with what it has read, however old
  NS: 1, // senders: destinations of the receiver that is notified first
  K: 4, // transitions of the alert
  crash: 0, // replicas that stop between two writes
  lost: 0, // answers of writes that do not come: the writer reads again
  lostSend: 0,
  early: 0,
  ack: 0, // how often someone acknowledges: the episode then does not escalate
  write: 'one', // one | two   the note that an alert escalates and the entry for the lead: in one write | the note first, the entry in the next one
  number: true, // false: the lead takes what it is handed without regard to numbers
  passOn: 'append', // append | sent   an end is handed on in the write that appends it | once the sender's own receiver was notified of it
  moot: true, // false: the lead takes a firing that it knows already
  clear: 'confirmed', // confirmed | all   what the lead has confirmed is cleared | whatever there is by then
  limit: 3e6,
};

const copy = (value) => (Array.isArray(value) ? value.map(copy) : value && typeof value === 'object' ? copyOf(value) : value);
function copyOf(value) {
  const made = {};
  for (const key in value) made[key] = copy(value[key]);
  return made;
}

const episodeOf = (n) => Math.ceil(n / 2);
const isEnd = (n) => n % 2 === 0;
const sign = ([, kind, episode]) => `${kind}${episode}`;

export function makeModel(V) {
  const init = () => ({
    n: 0,
    S: Array.from({ length: V.NS }, () => ({ taken: 0, q: [], told: 0, esc: 0, half: 0, out: [], m: 0, ack: 0 })),
    L: { taken: Array(V.NS).fill(0), q: [], told: 0, ended: 0, heard: [] },
    P: Array.from({ length: V.NP }, () => ({ pc: 'idle' })),
    b: { c: V.crash, l: V.lost, s: V.lostSend, e: V.early, a: V.ack },
    bad: null,
  });

  const leave = (sender, kind, episode) => sender.out.push([++sender.m, kind, episode]);

  /** What every write of a sender does: an end of an episode that has escalated is handed on. */
  const passed = (sender, entry) => {
    if (!isEnd(entry) || sender.esc !== episodeOf(entry)) return;
    leave(sender, 'r', sender.esc);
    sender.esc = 0;
  };

  const hear = (s, kind, episode) => {
    const last = s.L.heard.at(-1);
    if (kind === 'r' && last !== `f${episode}`) s.bad ??= `end: the lead hears that ${episode} is over and not that it fires`;
    if (kind === 'f' && last === `f${episode}`) s.bad ??= `twice: the lead hears twice that ${episode} fires`;
    if (kind === 'f' && V.NS === 1 && s.L.heard.includes(`r${episode}`))
      s.bad ??= `again: the lead hears that ${episode} fires after it is over`;
    s.L.heard.push(`${kind}${episode}`);
  };

  const takenByLead = (s, from, entries) => {
    for (const [number, kind, episode] of entries) {
      if (V.number && number <= s.L.taken[from]) continue;
      s.L.taken[from] = Math.max(s.L.taken[from], number);
      const waiting = s.L.q.at(-1);
      const known = waiting === undefined ? s.L.told === episode : waiting === `f${episode}`;
      if (kind === 'f' ? !V.moot || !known : known || !V.moot) s.L.q.push(`${kind}${episode}`);
    }
  };

  const next = (s) => {
    const found = [];
    const step = (label, change) => {
      const after = copy(s);
      change(after);
      found.push([label, after]);
    };
    if (s.n < V.K) step(`rule ${isEnd(s.n + 1) ? 'r' : 'f'}${episodeOf(s.n + 1)}`, (a) => void a.n++);
    for (const [i, sender] of s.S.entries()) {
      const name = `S${i}`;
      if (sender.taken < s.n)
        step(`${name} takes ${sender.taken + 1}`, (a) => {
          const mine = a.S[i];
          mine.q.push(++mine.taken);
          if (V.passOn === 'append') passed(mine, mine.taken);
        });
      if (sender.q.length > 0)
        step(`${name} notifies`, (a) => {
          const mine = a.S[i];
          const last = mine.q.at(-1);
          mine.told = isEnd(last) ? 0 : episodeOf(last);
          if (V.passOn === 'sent') passed(mine, last);
          mine.q = [];
        });
      const isOver = sender.q.some((entry) => isEnd(entry) && episodeOf(entry) === sender.told);
      const mayEscalate = sender.told > 0 && !isOver && sender.esc !== sender.told && sender.ack !== sender.told;
      if (mayEscalate)
        step(`${name} escalates ${sender.told}`, (a) => {
          const mine = a.S[i];
          mine.esc = mine.told;
          if (V.write === 'one') leave(mine, 'f', mine.told);
          else mine.half = mine.told;
        });
      if (sender.half > 0) {
        step(`${name} adds the entry`, (a) => {
          leave(a.S[i], 'f', a.S[i].half);
          a.S[i].half = 0;
        });
        if (s.b.c > 0)
          step(`${name}: the writer stops in between`, (a) => {
            a.S[i].half = 0;
            a.b.c--;
          });
      }
      if (s.b.a > 0 && sender.told > 0 && sender.ack !== sender.told)
        step(`acknowledged ${sender.told}`, (a) => {
          for (const one of a.S) one.ack = sender.told;
          a.b.a--;
        });
    }
    for (const [p, one] of s.P.entries()) {
      if (one.pc === 'idle') {
        for (const [i, sender] of s.S.entries())
          if (sender.out.length > 0)
            step(`P${p} reads what leaves S${i} [${sender.out.map(sign)}]`, (a) => {
              a.P[p] = { pc: 'give', from: i, out: copy(a.S[i].out) };
            });
        continue;
      }
      if (s.b.c > 0)
        step(`P${p} stops`, (a) => {
          a.P[p] = { pc: 'idle' };
          a.b.c--;
        });
      if (one.pc === 'give') {
        step(`P${p} gives the lead [${one.out.map(sign)}]`, (a) => {
          takenByLead(a, one.from, one.out);
          a.P[p] = { ...a.P[p], pc: 'clear' };
        });
        if (s.b.l > 0)
          step(`P${p} gives the lead [${one.out.map(sign)}], no answer`, (a) => {
            takenByLead(a, one.from, one.out);
            a.P[p] = { pc: 'idle' };
            a.b.l--;
          });
      } else
        step(`P${p} clears S${one.from}`, (a) => {
          const given = new Set(one.out.map(([number]) => number));
          a.S[one.from].out = V.clear === 'all' ? [] : a.S[one.from].out.filter(([number]) => !given.has(number));
          a.P[p] = { pc: 'idle' };
        });
    }
    if (s.L.q.length > 0)
      step('the lead is notified', (a) => {
        // One message about the present: what fired and is over again is said as both.
        for (const said of a.L.q) hear(a, said[0], Number(said.slice(1)));
        const last = a.L.q.at(-1);
        a.L.told = last[0] === 'f' ? Number(last.slice(1)) : 0;
        a.L.q = [];
      });
    return found;
  };

  /** All is done, whatever escalated was heard of, and the lead knows of no alert that is over. */
  const good = (s) => {
    if (s.n < V.K || s.L.q.length > 0 || s.S.some(({ taken, q, out, half }) => taken < s.n || q.length + out.length + half > 0))
      return false;
    if (s.S.some(({ esc }) => esc > 0 && !s.L.heard.includes(`f${esc}`))) return false;
    return isEnd(s.n) ? s.L.told === 0 : s.L.told === 0 || s.L.told === episodeOf(s.n);
  };

  const canon = (s) => JSON.stringify([s.n, s.S, s.L, [...s.P].map((one) => JSON.stringify(one)).sort(), s.b, s.bad]);
  return { init, next, good, canon };
}

/** Repeats are violations here. */
export const measure = () => ({ dup: 0, stale: 0, total: 0 });

/** Acknowledging is not to be waited for. */
export const isOutside = (label) => label.startsWith('acknowledged');
