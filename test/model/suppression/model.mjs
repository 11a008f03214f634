// Model of suppression (step 9) on top of the BEST variant (claim merged into enqueue, outstanding cleared when known, chained claims).
// One rule document with two alerts A (0) and B (1) that share its numbers; one alert group; a silence that matches B only, or A that inhibits B.
// An entry is its number n in the rule; hist[n-1] = [alert, k], k odd = fired, even = ended (its own episode). Documents change
// only by compare-and-set; a read-decide-write that fails changes nothing, so one that succeeds is one step.
export const BASE = {
  NP: 2,
  K: [1, 2], // replicas; how many transitions A and B may make
  crash: 0,
  lost: 0,
  lostSend: 0,
  early: 0,
  rej: 0,
  ticks: 0, // failure budgets
  sil: 1, // how often the silence may begin (it may always end); each replica's view of it is refreshed at any time, or late
  wait: false, // group_wait: a write that could claim may as well find the entries not yet due
  at: 'claim', // claim | skip | defer   (decided at enqueue: skip: not appended, taken advanced; defer: not appended, taken = last appended)
  decide: 'every', // every | last | entry   suppressed is an alert: when all its entries in queued and refused match | when its last one does | each entry on its own
  match: 'alert', // alert | fire | worse | end   which of B's entries the silence's matchers fit
  held: 'queued', // queued | refused     where suppressed entries wait
  cover: 'set', // set | hwm            recorded: exactly what the message covered | everything up to its highest number
  drop: 'now', // nowhere: an episode of a suppressed alert whose end is in queued and that stands neither in alerts (notified) nor sending nor refused; now: an episode whose firing and end both stand in queued while its alert is (seen) suppressed | why: while or after its firing was
  // seen suppressed | end: only after | never | notified: an end of an alert not recorded as notified | refused: also with the firing in refused | ends | unfenced
  any: true, // held and dropped in every write of the alert group, also while a message is frozen; false: only in a claim or a look
  per: 2, // 2: fired, ended; 3: fired, worse, ended
  begin: 'send', // send | recall    a silence seen by who takes over a frozen message: send as it is | put the entries back
  letgo: 'never', // never | again     who has tried to let go of its lease and got no answer may send again on it
  look: true, // documents with only suppressed entries are looked at again
  remind: 'out', // out | all        silenced alerts in reminders
  remHeld: true, // reminders leave out alerts with anything held (whatever the labels last notified)
  remRef: true, // reminders leave out alerts whose end stands in refused
  retry: false, // refused entries of alerts that are not suppressed make a message due
  rejToken: true, // with retry: a refusal is recorded only under the token it was sent with, for the next message may cover the same and so bear the same id
  refFilter: true, // refused entries of a suppressed alert stay there too
  fold: 0, // entries of one alert that wait side by side in a list before older ones are folded into later ones; 0: never
  foldRule: 'labels', // labels | ends   what may be folded: as src/notify/shrink.ts does it | anything older than the last two entries
  remAgain: false, // a reminder that was refused is tried again as well
  part: 0, // how often the second recipient of a message may be refused for the moment while the first one is accepted
  partId: 'own', // own | same    the id of a message to the recipients that remain: its own | that of the message it repeats
  partOrder: 'behind', // behind | past what follows reaches such a recipient: behind what it still has to hear | at once
  partBack: 'list', // list | drop   a recipient refused again goes back to the list | is forgotten
  inhibit: false, // B is suppressed while A fires (by its stored document), instead of by a silence
  gone: 0, // with inhibit: how often the rule of A may be paused, or not be evaluated any more, while A fires: it never ends then
  inhGone: 'known', // known | forever    an alert of such a rule inhibits nothing | inhibits on
  announce: false, // the end of a silence is announced while an episode of B that it met still fires: with the next message, or by one of its own
  annBack: true, // what a refused message announced is announced again
  limit: 6e6,
};
const jcl = (x) => (x === null || typeof x !== 'object' ? x : Array.isArray(x) ? x.map(jcl) : cloneObj(x));
function cloneObj(o) {
  const r = {};
  for (const k in o) r[k] = jcl(o[k]);
  return r;
}
const mask = (l) => l.reduce((m, n) => m | (1 << n), 0);
const srt = (l) => l.sort((a, b) => a - b);

export function makeModel(V) {
  const kind = (k) => {
    const i = (k - 1) % V.per;
    return i === 0 ? 'f' : i === V.per - 1 ? 'r' : 'w';
  };
  const ep = (k) => Math.ceil(k / V.per);
  const isEnd = (k) => kind(k) === 'r';
  const tag = (a, k) => 'AB'[a] + kind(k) + ep(k);
  const name = (s, n) => tag(...s.hist[n - 1]);
  const names = (s, l) => `[${l.map((n) => name(s, n)).join(' ')}]`;
  const firing = (s, n) => {
    const [a, k] = s.hist[n - 1];
    return s.hist.findIndex(([x, y]) => x === a && y === (ep(k) - 1) * V.per + 1) + 1;
  };
  const keepWhy = V.drop === 'why' || V.drop === 'end' || !V.look || V.drop === 'unfenced';
  const badly = (s, m) => {
    s.bad = s.bad ?? m;
  };
  const IDLE = (p) => ({ pc: 'I', v: p.v, hk: p.hk, ...(V.announce ? { e: p.e } : {}) });
  const init = () => ({
    R: { n: 0, st: [0, 0], ob: [] },
    G: {
      last: 0,
      un: [],
      why: 0,
      hd: [],
      s: null,
      tf: [0, 0],
      rt: 0,
      dr: 0,
      L: null,
      ...(V.fold ? { fo: {} } : {}),
      ...(V.part ? { bh: [] } : {}),
      ...(V.remAgain ? { ra: 0 } : {}),
      ...(V.announce ? { an: 0 } : {}),
    },
    P: Array.from({ length: V.NP }, () => ({ pc: 'I', v: 0, hk: 0, ...(V.announce ? { e: 0 } : {}) })),
    net: [],
    T: 0,
    sil: 0,
    ...(V.gone ? { gone: 0 } : {}),
    ...(V.announce ? { ends: [0] } : {}), // by the number of each end: the episode of B that fired then, 0 for none
    hist: [],
    V: { del: 0, dup: 0, st: 0, rem: 0, rj: 0, ...(V.announce ? { en: 0 } : {}) },
    ...(V.part ? { W: { del: 0, dup: 0, st: 0, rem: 0, rj: 0 } } : {}),
    b: { c: V.crash, l: V.lost, s: V.lostSend, e: V.early, r: V.rej, z: V.sil, ...(V.part ? { p: V.part } : {}) },
    bad: null,
  });
  const setR = (s, v) => {
    s.net = s.net.filter((x) => x.t !== 'R');
    for (const x of v.x) s.hist.push(x);
    const d = jcl(v);
    delete d.x;
    s.R = d;
    if (V.inhibit) s.sil = inhibits(s, d);
  };
  const inhibits = (s, R) => (R.st[0] > 0 && !isEnd(R.st[0]) && !(s.gone && V.inhGone === 'known') ? 1 : 0);
  const OUTSIDE = 'INHIBITION: ';
  const setG = (s, v) => {
    const drops = v.dr & ~s.G.dr & ~0;
    for (let n = 1; n <= s.hist.length; n++)
      if (drops & (1 << n)) {
        const notified = s.V.del | (s.W?.del ?? 0);
        if (notified & (1 << n)) badly(s, `dropped although notified: ${name(s, n)}`);
        else if (notified & (1 << firing(s, n))) badly(s, `end dropped although its firing was notified: ${name(s, n)}`);
      }
    s.net = s.net.filter((x) => x.t !== 'G');
    s.G = v;
  };
  const bits = (m) => {
    const l = [];
    for (let n = 1; m >> n; n++) if (m & (1 << n)) l.push(n);
    return l;
  };
  // what a list of entries speaks for: those folded into them as well
  const whole = (fo, l) => (V.fold ? srt(l.flatMap((n) => [...bits(fo?.[n] ?? 0), n])) : l);
  const deliver = (s, m, only) => {
    for (const v of m.sub ? [s.W] : m.skip || only || !V.part ? [s.V] : [s.V, s.W]) hear(s, m, v);
  };
  const hear = (s, m, v) => {
    const seen = v.del;
    let dup = false,
      stale = false;
    if (m.rem) {
      if (v.rem & (1 << m.rem)) dup = true;
      v.rem |= 1 << m.rem;
    }
    for (const e of m.en ?? []) {
      if (v.en & (1 << e)) dup = true;
      v.en |= 1 << e;
    }
    const top = {};
    for (const n of whole(m.fo, m.cov)) {
      const [a, _k] = s.hist[n - 1];
      top[a] = n;
      if (v.del & (1 << n)) {
        dup = true;
        continue;
      }
      if (s.G.dr & (1 << n)) badly(s, `notified although recorded as suppressed: ${name(s, n)}`);
      for (let h = n + 1; h <= s.hist.length; h++)
        if (s.hist[h - 1][0] === a && v.del & (1 << h)) badly(s, `order: ${name(s, n)} first notified after ${name(s, h)}`);
      if (firing(s, n) !== n && !(v.del & (1 << firing(s, n)))) badly(s, `resolved without firing: ${name(s, n)}`);
      v.del |= 1 << n;
    }
    for (const a in top)
      if (!isEnd(s.hist[top[a] - 1][1]))
        for (let h = top[a] + 1; h <= s.hist.length; h++) if (s.hist[h - 1][0] === Number(a) && seen & (1 << h)) stale = true;
    if (m.rem)
      for (let a = 0; a < 2; a++)
        if (m.fn & (1 << a))
          for (let h = 1; h <= s.hist.length; h++) if (h > m.up && s.hist[h - 1][0] === a && seen & (1 << h)) stale = true;
    if (dup) v.dup++;
    if (stale) v.st++;
  };
  const supE = (s, view, n) =>
    view === 1 &&
    s.hist[n - 1][0] === 1 &&
    (V.match === 'alert' || { fire: 'f', worse: 'w', end: 'r' }[V.match] === kind(s.hist[n - 1][1]));
  function heldOf(s, v, view) {
    const all = srt([...v.hd, ...v.un]);
    if (V.decide === 'entry') return new Set(all.filter((n) => supE(s, view, n)));
    if (V.decide === 'every') {
      const free = new Set(all.filter((n) => !supE(s, view, n)).map((n) => s.hist[n - 1][0]));
      return new Set(all.filter((n) => !free.has(s.hist[n - 1][0])));
    }
    const last = {};
    for (const n of all) last[s.hist[n - 1][0]] = n;
    return new Set(all.filter((n) => supE(s, view, last[s.hist[n - 1][0]])));
  }
  const label = (s, n) => (V.match === 'alert' ? '' : kind(s.hist[n - 1][1]));
  function fold(s, v, list) {
    if (!V.fold) return list;
    let left = list;
    for (const a of [0, 1]) {
      const mine = list.filter((n) => s.hist[n - 1][0] === a);
      if (mine.length <= V.fold) continue;
      const keep = V.foldRule === 'ends' ? new Set(mine.slice(-2)) : framework(s, mine);
      let carry = 0;
      for (const n of mine) {
        if (!keep.has(n)) {
          carry |= (1 << n) | (v.fo[n] ?? 0);
          delete v.fo[n];
        } else if (carry) {
          v.fo[n] = (v.fo[n] ?? 0) | carry;
          carry = 0;
        }
      }
      left = left.filter((n) => s.hist[n - 1][0] !== a || keep.has(n));
    }
    return left;
  }
  // as foldAlert does it: episodes that are over go into a later one with the same labels; of an episode stay its first entry and the last of each kind
  function framework(s, mine) {
    const keep = new Set(),
      seen = new Set();
    const eps = [...new Set(mine.map((n) => ep(s.hist[n - 1][1])))];
    for (const e of eps.reverse()) {
      const l = mine.filter((n) => ep(s.hist[n - 1][1]) === e);
      const over = kind(s.hist[l[0] - 1][1]) === 'f' && l.some((n) => isEnd(s.hist[n - 1][1]));
      if (!(keep.size && over && l.every((n) => seen.has(label(s, n))))) {
        const last = {};
        for (const n of l) last[`${isEnd(s.hist[n - 1][1])} ${label(s, n)}`] = n;
        for (const [i, n] of l.entries()) if (i === 0 || Object.values(last).includes(n)) keep.add(n);
      }
      for (const n of l) seen.add(label(s, n));
    }
    return keep;
  }
  // takes what is folded into a message's entries along with them
  const takeFolded = (v, cov) => {
    const fo = {};
    for (const n of cov)
      if (v.fo[n]) {
        fo[n] = v.fo[n];
        delete v.fo[n];
      }
    return fo;
  };
  function settle(s, v, view, unf = false) {
    const held = heldOf(s, v, view);
    const drops = [];
    if (keepWhy) for (const n of v.un) if (held.has(n)) v.why |= 1 << n;
    for (const m of v.un)
      if (isEnd(s.hist[m - 1][1])) {
        const f = firing(s, m),
          all = v.un.filter((n) => s.hist[n - 1][0] === s.hist[m - 1][0] && ep(s.hist[n - 1][1]) === ep(s.hist[m - 1][1]));
        if (V.drop === 'nowhere') {
          // nothing of this episode was ever frozen here: not recorded as notified, not in sending, not in refused
          const [a, k] = s.hist[m - 1],
            same = (n) => s.hist[n - 1][0] === a && ep(s.hist[n - 1][1]) === ep(k);
          if (held.has(m) && v.tf[a] !== ep(k) && !v.s?.cov.some(same) && !v.hd.some(same)) drops.push(...all);
          continue;
        }
        if (!v.un.includes(f)) continue;
        const ok =
          V.drop === 'why'
            ? v.why & (1 << f)
            : V.drop === 'end'
              ? v.why & (1 << f) && !held.has(f)
              : V.drop === 'never'
                ? false
                : V.drop === 'unfenced'
                  ? unf && held.has(m)
                  : all.every((n) => held.has(n));
        if (ok) drops.push(...all);
      }
    if (V.drop === 'notified')
      for (const m of v.un)
        if (held.has(m) && isEnd(s.hist[m - 1][1]) && !v.tf[s.hist[m - 1][0]] && !drops.includes(m)) drops.push(m);
    if (V.drop === 'ends') for (const m of v.un) if (held.has(m) && isEnd(s.hist[m - 1][1]) && !drops.includes(m)) drops.push(m);
    if (V.drop === 'refused')
      for (const m of v.un)
        if (held.has(m) && isEnd(s.hist[m - 1][1]) && v.hd.includes(firing(s, m))) {
          drops.push(firing(s, m), m);
          v.hd = v.hd.filter((x) => x !== firing(s, m));
        }
    v.un = v.un.filter((n) => !drops.includes(n));
    v.dr |= mask(whole(v.fo, drops));
    if (V.fold) takeFolded(v, drops);
    v.why &= ~mask(drops);
    return held;
  }
  // the ends of silences that are not announced yet although B fires as it did then, and nothing holds it; known: how many ends were read
  function endsOf(s, v, view, known) {
    if (!V.announce || view === 1) return [];
    const waiting = [...v.un, ...v.hd].filter((n) => s.hist[n - 1][0] === 1);
    if (waiting.some((n) => isEnd(s.hist[n - 1][1]))) return [];
    const firing = new Set([v.tf[1], ...waiting.map((n) => ep(s.hist[n - 1][1]))]);
    return s.ends.flatMap((e, i) => (i > 0 && i <= known && e && firing.has(e) && !(v.an & (1 << i)) ? [i] : []));
  }
  // one claim: hold, drop, freeze. undefined: nothing to write
  function compose(s, G, view, unf = false, known = 0) {
    const v = jcl(G);
    if (v.s) {
      const back = V.begin === 'recall' ? v.s.cov.filter((n) => supE(s, view, n)) : [];
      if (!back.length) return v;
      v.un = srt([...v.un, ...back]);
      if (keepWhy) v.why |= mask(back);
      const rest = v.s.cov.filter((n) => !back.includes(n));
      v.s = rest.length ? { id: rest.join(), cov: rest, rem: 0, fn: 0, up: 0 } : null;
      if (v.s) return v;
    }
    const held = settle(s, v, view, unf);
    const free = v.un.filter((n) => !held.has(n));
    if (V.held === 'refused') {
      const h = v.un.filter((n) => held.has(n));
      v.hd = srt([...v.hd, ...h]);
      v.un = free.slice();
      v.why = 0;
    }
    const hdF = v.hd.filter((n) => !V.refFilter || !held.has(n));
    if (free.length || (V.retry && hdF.length)) {
      // retry: what was refused makes a message due by itself
      const cov = srt([...hdF, ...free]);
      const en = endsOf(s, v, view, known);
      if (V.announce) v.an |= mask(en);
      v.hd = v.hd.filter((n) => !hdF.includes(n));
      v.un = v.un.filter((n) => !free.includes(n));
      v.why &= ~mask(cov);
      v.s = {
        id: cov.join(),
        cov,
        rem: 0,
        fn: 0,
        up: 0,
        ...(V.fold ? { fo: takeFolded(v, cov) } : {}),
        ...(V.announce ? { en } : {}),
        ...skipping(v),
      };
      v.rt = s.T;
      return v;
    }
    const ends = endsOf(s, v, view, known);
    if (ends.length && v.tf[1]) {
      v.s = { id: `e${ends}`, cov: [], rem: 0, fn: 2, up: v.last, en: ends };
      v.an |= mask(ends);
      return v;
    }
    if (V.ticks && v.rt < s.T) {
      let fn = (v.tf[0] ? 1 : 0) | (v.tf[1] ? 2 : 0);
      if (V.remind === 'out' && view && V.match !== 'end') fn &= ~2;
      if (V.remHeld) for (const n of held) if (v.un.includes(n)) fn &= ~(1 << s.hist[n - 1][0]);
      if (V.remRef)
        for (let a = 0; a < 2; a++) {
          const l = v.hd.filter((n) => s.hist[n - 1][0] === a).pop();
          if (l && isEnd(s.hist[l - 1][1])) fn &= ~(1 << a);
        }
      if (fn) {
        v.s = { id: `r${s.T}${V.remAgain ? `/${v.ra}` : ''}`, cov: [], rem: s.T, fn, up: v.last, ...skipping(v) };
        v.rt = s.T;
        return v;
      }
    }
    if (V.part && v.bh.length) {
      // whom a message has not reached yet: alone, when nothing else is due
      const [first, ...rest] = v.bh;
      v.bh = rest;
      v.s = { ...first, id: V.partId === 'own' ? `w${first.id}` : first.id, sub: 1 };
      return v;
    }
    return JSON.stringify(v) === JSON.stringify(G) ? undefined : v;
  }
  const skipping = (v) => (V.part && v.bh.length && V.partOrder === 'behind' ? { skip: 1 } : {});
  function check(s, v, view) {
    // a message just frozen
    if (v.s.sub) return; // it was frozen before, for whoever sees the silence now it is as one that is taken over
    if (V.match === 'alert' && view && v.s.cov.some((n) => s.hist[n - 1][0] === 1))
      badly(s, 'silenced: frozen by who sees the silence');
    if (v.s.rem)
      for (let a = 0; a < 2; a++)
        if (v.s.fn & (1 << a)) {
          let l = 0;
          for (let n = 1; n <= v.last; n++) if (s.hist[n - 1][0] === a) l = n;
          if (isEnd(s.hist[l - 1][1])) badly(s, `reminder: says ${'AB'[a]} is firing, its end is known here`);
          if (a === 1 && view && V.match === 'alert') badly(s, 'silenced: reminder by who sees the silence');
        }
  }
  const msg = (v) => jcl(v.s);
  function receiptOf(s, G, m, rej) {
    const v = jcl(G);
    if (!v.s || v.s.id !== m.id) return undefined;
    if (m.sub && rej !== 'part' && V.partId === 'own') {
      v.s = null;
      return v;
    }
    v.s = null;
    if (m.sub && rej === 'part') {
      const { sub: _sub, ...first } = { ...m, id: m.id.replace('w', '') };
      if (V.partBack === 'list') v.bh = [first, ...v.bh];
      return v;
    }
    if (rej === true) {
      if (V.announce && V.annBack) v.an &= ~mask(m.en ?? []);
      if (V.fold) for (const n in m.fo) v.fo[n] = m.fo[n];
      v.hd = fold(s, v, srt([...v.hd, ...m.cov]));
      if (V.remAgain && m.rem) {
        v.rt = m.rem - 1;
        v.ra++;
      }
      return v;
    }
    if (rej === 'part' || m.skip) {
      const { skip: _skip, ...one } = m;
      v.bh = [...v.bh, one];
    }
    for (const n of m.cov) {
      const [a, k] = s.hist[n - 1];
      v.tf[a] = isEnd(k) ? 0 : ep(k);
    }
    if (V.cover === 'hwm' && m.cov.length) {
      const top = Math.max(...m.cov);
      v.un = v.un.filter((n) => n > top);
      v.hd = v.hd.filter((n) => n > top || rej);
      v.why &= mask(v.un);
    }
    return v;
  }

  // a step that changes whether B is inhibited is none that may be waited for
  function* next(s0) {
    for (const [label, s] of steps(s0)) yield [V.inhibit && s.sil !== s0.sil ? `${OUTSIDE}${label}` : label, s];
  }
  function* steps(s0) {
    const nx = (f) => {
      const s = jcl(s0);
      f(s);
      return s;
    };
    const CR = s0.b.c > 0,
      LO = s0.b.l > 0;
    if (V.gone && !s0.gone && s0.R.st[0] > 0)
      yield [
        `${OUTSIDE}the rule of A is not evaluated any more`,
        nx((s) => {
          s.gone = 1;
          s.sil = inhibits(s, s.R);
        }),
      ];
    if (!V.inhibit && s0.sil === 0 && s0.b.z > 0)
      yield [
        'SILENCE on B begins',
        nx((s) => {
          s.b.z--;
          s.sil = 1;
        }),
      ];
    if (!V.inhibit && s0.sil === 1)
      yield [
        'SILENCE on B ends',
        nx((s) => {
          s.sil = 0;
          if (V.announce) s.ends.push(s.R.st[1] > 0 && !isEnd(s.R.st[1]) ? ep(s.R.st[1]) : 0);
        }),
      ];
    for (let p = 0; p < V.NP; p++) {
      const P = s0.P[p],
        nm = `P${p}`,
        G = s0.G;
      const sees = P.v ? ' (sees the silence)' : s0.sil ? ' (does not see the silence)' : '';
      const idle = (s) => {
        delete s.P[p].lg;
        s.P[p] = IDLE(s.P[p]);
        if (s.G.L && s.G.L.p === p) s.G.L.live = 0;
      };
      const die = (s) => {
        s.P[p] = { pc: 'I', v: s.P[p].v, hk: 0, ...(V.announce ? { e: s.P[p].e } : {}) };
        if (s.G.L && s.G.L.p === p) s.G.L.live = 0;
        for (const x of s.net)
          if (x.own === p) {
            delete x.own;
            if (x.v.L) x.v.L.live = 0;
          }
      };
      const write = function* (label, okf, x, errf) {
        yield [`${nm} ${label}: ok`, nx(okf)];
        if (LO)
          yield [
            `${nm} ${label}: ANSWER LOST`,
            nx((s) => {
              s.b.l--;
              s.net.push(jcl(x));
              errf(s);
            }),
          ];
        if (CR && P.pc !== 'I')
          yield [
            `${nm} ${label}: CRASH with the write in flight`,
            nx((s) => {
              s.b.c--;
              s.net.push(jcl(x));
              die(s);
            }),
          ];
      };
      if (P.v !== s0.sil || (V.announce && P.e !== s0.ends.length - 1))
        yield [
          `${nm} reads the silences: B ${s0.sil ? 'silenced' : 'free'}`,
          nx((s) => {
            s.P[p].v = s.sil;
            if (V.announce) s.P[p].e = s.ends.length - 1;
          }),
        ];
      if (CR && P.pc !== 'I') {
        yield [
          `${nm} CRASH at ${P.pc}`,
          nx((s) => {
            s.b.c--;
            die(s);
          }),
        ];
        if (P.pc === 'S')
          yield [
            `${nm} CRASH with the message ${names(s0, P.m.cov)} in flight`,
            nx((s) => {
              s.b.c--;
              s.net.push({ t: 'M', m: P.m });
              die(s);
            }),
          ];
      }
      if (P.pc === 'I') {
        const R = s0.R;
        for (const ch of [[0], [1], [0, 1]]) {
          if (ch.some((a) => R.st[a] >= V.K[a] || (a === 0 && s0.gone))) continue;
          const v = jcl(R);
          v.x = [];
          v.ob = v.ob.filter((n) => n > P.hk);
          for (const a of ch) {
            v.n++;
            v.st[a]++;
            v.ob.push(v.n);
            v.x.push([a, v.st[a]]);
          }
          const what = v.x.map(([a, k]) => tag(a, k)).join(' ');
          yield* write(
            `evaluates and saves ${what}`,
            (s) => {
              setR(s, v);
              s.P[p] = { ...IDLE(P), pc: 'H', ob: v.ob.slice() };
              // what fires by its own evaluation a replica knows at once
              if (V.inhibit) s.P[p].v = s.sil;
            },
            { t: 'R', v },
            () => {},
          );
        }
        if (R.ob.some((n) => n <= P.hk) && (R.st[0] < V.K[0] || R.st[1] < V.K[1])) {
          const v = { ...jcl(R), ob: R.ob.filter((n) => n > P.hk), x: [] };
          yield* write(
            'saves a checkpoint, clears outstanding',
            (s) => setR(s, v),
            { t: 'R', v },
            () => {},
          );
        }
        if (R.ob.some((n) => n > P.hk))
          yield [
            `${nm} sweep: outstanding ${names(s0, R.ob)}`,
            nx((s) => {
              s.P[p] = { ...IDLE(P), pc: 'H', ob: s.R.ob.slice() };
            }),
          ];
        if (
          !G.L &&
          (V.look || G.s || G.un.some((n) => !(G.why & (1 << n))) || V.ticks || G.bh?.length || (V.retry && G.hd.length))
        ) {
          if (V.drop === 'unfenced' && !G.s) {
            const u = compose(s0, G, P.v, true, P.e);
            if (u && u.dr !== G.dr)
              yield [
                `${nm} reads, will drop ${names(
                  s0,
                  G.un.filter((n) => u.dr & (1 << n)),
                )}${sees}`,
                nx((s) => {
                  const c = jcl(G);
                  c.un = c.un.filter((n) => !(u.dr & (1 << n)));
                  c.why &= ~u.dr;
                  c.dr = u.dr;
                  s.P[p] = { ...IDLE(P), pc: 'D', cp: c };
                }),
              ];
          }
          const v = compose(s0, G, P.v, false, P.e);
          if (v?.s) {
            const over = G.s && G.s.id === v.s.id;
            v.L = { p, live: 1 };
            yield* write(
              `${over ? 'takes over' : 'claims'} ${v.s.rem ? `reminder ${v.s.fn}` : names(s0, v.s.cov)}${v.un.length ? ` holds ${names(s0, v.un)}` : ''}${v.dr !== G.dr ? ' DROPS a pair' : ''}${sees}`,
              (s) => {
                if (!over) check(s, v, P.v);
                setG(s, jcl(v));
                s.P[p] = { ...IDLE(s.P[p]), pc: 'S', m: msg(v) };
              },
              { t: 'G', v: { ...jcl(v), L: { p, live: 2 } }, own: p },
              (s) => {
                s.P[p] = { ...s.P[p], pc: 'Q' };
              },
            );
          } else if (v)
            yield* write(
              `looks: holds ${names(s0, v.un)}${
                v.dr !== G.dr
                  ? ', DROPS ' +
                    names(
                      s0,
                      G.un.filter((n) => v.dr & (1 << n)),
                    )
                  : ''
              }${sees}`,
              (s) => setG(s, jcl(v)),
              { t: 'G', v },
              () => {},
            );
        }
      } else if (P.pc === 'D') {
        yield [
          `${nm} writes the drop UNFENCED`,
          nx((s) => {
            const c = jcl(P.cp);
            c.L = s.G.L;
            setG(s, c);
            s.P[p] = IDLE(s.P[p]);
          }),
        ];
      } else if (P.pc === 'Q') {
        if (G.L && G.L.p === p && G.L.live === 2) {
          if (!G.s)
            yield [
              `${nm} re-reads: my lease, nothing to send`,
              nx((s) => {
                s.G.L.live = 0;
                idle(s);
              }),
            ];
          else
            yield [
              `${nm} re-reads: the lease bears my token`,
              nx((s) => {
                s.G.L.live = 1;
                s.P[p] = { ...IDLE(s.P[p]), pc: 'S', m: msg(s.G) };
              }),
            ];
        } else
          yield [
            `${nm} re-reads: not my lease`,
            nx((s) => {
              for (const x of s.net)
                if (x.own === p) {
                  delete x.own;
                  x.v.L.live = 0;
                }
              idle(s);
            }),
          ];
      } else if (P.pc === 'H') {
        const done = (s, m) => {
          s.P[p].hk = Math.max(P.hk, ...P.ob);
          s.P[p] = m ? { ...IDLE(s.P[p]), pc: 'S', m } : IDLE(s.P[p]);
        };
        const fresh = P.ob.filter((n) => n > G.last);
        const app = V.at === 'claim' ? fresh : fresh.filter((n) => !supE(s0, P.v, n));
        if (!app.length) {
          if (fresh.length && V.at === 'defer')
            yield [
              `${nm} defers ${names(s0, fresh)}${sees}`,
              nx((s) => {
                s.P[p] = IDLE(s.P[p]);
              }),
            ];
          else if (fresh.length)
            yield [
              `${nm} skips ${names(s0, fresh)}${sees}`,
              nx((s) => {
                const v = jcl(G);
                v.last = Math.max(...fresh);
                setG(s, v);
                done(s);
              }),
            ];
          else yield [`${nm} enqueue: already has ${names(s0, P.ob)}`, nx((s) => done(s))];
        } else {
          const v = jcl(G);
          v.un = fold(s0, v, [...v.un, ...app]);
          v.last = Math.max(...(V.at === 'defer' ? app : fresh));
          const dn = (s, m) => {
            done(s, m);
            if (V.at === 'defer' && app.length < fresh.length) s.P[p].hk = P.hk;
          };
          const can = !v.L && !v.s;
          const z = can ? compose(s0, v, P.v, false, P.e) : undefined;
          const un0 = jcl(v);
          if (V.any && V.at === 'claim') settle(s0, un0, P.v);
          if (z?.s) {
            z.L = { p, live: 1 };
            const fl = jcl(z);
            fl.L.live = 0;
            yield* write(
              `enqueues ${names(s0, app)} and claims ${z.s.rem ? 'reminder' : names(s0, z.s.cov)}${z.un.length ? ` holds ${names(s0, z.un)}` : ''}${z.dr !== G.dr ? ' DROPS a pair' : ''}${sees}`,
              (s) => {
                check(s, z, P.v);
                setG(s, jcl(z));
                dn(s, msg(z));
              },
              { t: 'G', v: fl },
              () => {},
            );
          }
          if (!z?.s || V.wait) {
            const w = z && !z.s ? z : un0;
            yield* write(
              `enqueues ${names(s0, app)}${w.dr !== G.dr ? ' DROPS a pair' : ''}${w === z || w.dr !== G.dr ? sees : ''}`,
              (s) => {
                setG(s, jcl(w));
                dn(s);
              },
              { t: 'G', v: w, car: 1 },
              () => {},
            );
          }
        }
      } else if (P.pc === 'S') {
        const m = P.m,
          what = m.rem ? `reminder (${['', 'A', 'B', 'A B'][m.fn]})` : names(s0, m.cov);
        yield [
          `${nm} sends ${what}${m.sub ? ' to the second recipient' : m.skip ? ' to the first recipient' : ''}: delivered`,
          nx((s) => {
            deliver(s, m);
            s.P[p].pc = 'A';
          }),
        ];
        if (s0.b.p > 0 && !m.skip)
          yield [
            `${nm} sends ${what}: the second recipient is REFUSED FOR THE MOMENT`,
            nx((s) => {
              s.b.p--;
              if (!m.sub) deliver(s, m, true);
              s.P[p].pc = 'A';
              s.P[p].rej = 'part';
            }),
          ];
        if (s0.b.s > 0)
          yield [
            `${nm} sends ${what}: NO ANSWER`,
            nx((s) => {
              s.b.s--;
              s.net.push({ t: 'M', m });
              s.P[p].pc = 'T';
            }),
          ];
        if (s0.b.r > 0 && !m.sub)
          yield [
            `${nm} sends ${what}: REJECTED`,
            nx((s) => {
              s.b.r--;
              s.P[p].pc = 'A';
              s.P[p].rej = true;
            }),
          ];
      } else if (P.pc === 'T') {
        if (!P.lg || V.letgo === 'again')
          yield [
            `${nm} tries again at once`,
            nx((s) => {
              s.P[p].pc = 'S';
            }),
          ];
        if (G.s && G.s.id === P.m.id && G.L && G.L.p === p && G.L.live === 1) {
          const v = jcl(G);
          v.L = null;
          if (V.any) settle(s0, v, P.v);
          yield* write(
            'records the retry, lets go',
            (s) => {
              setG(s, jcl(v));
              idle(s);
            },
            { t: 'G', v },
            (s) => {
              s.P[p].lg = 1;
            },
          );
        } else yield [`${nm} records the retry: not mine any more`, nx(idle)];
      } else if (P.pc === 'A') {
        const m = P.m;
        const held = G.L && G.L.p === p && G.L.live === 1;
        const tokened = P.rej === true || (P.rej === 'part' && m.sub); // a delivery, also one in part, is recorded by id
        const v = V.retry && V.rejToken && tokened && !held ? undefined : receiptOf(s0, G, m, P.rej);
        if (!v) {
          yield [`${nm} record ${names(s0, m.cov)}: already recorded`, nx(idle)];
          continue;
        }
        const mine = v.L && v.L.p === p && v.L.live === 1;
        const z = mine && P.rej !== true && !(m.sub && P.rej) ? compose(s0, v, P.v, false, P.e) : undefined;
        if (z?.s) {
          const fl = jcl(z);
          fl.L.live = 0;
          yield* write(
            `records ${names(s0, m.cov)}, claims ${z.s.rem ? 'reminder' : names(s0, z.s.cov)}${z.un.length ? ` holds ${names(s0, z.un)}` : ''}${z.dr !== G.dr ? ' DROPS a pair' : ''}${sees}`,
            (s) => {
              check(s, z, P.v);
              setG(s, jcl(z));
              s.P[p] = { ...IDLE(P), pc: 'S', m: msg(z) };
            },
            { t: 'G', v: fl },
            () => {},
          );
        }
        if (!z?.s || V.wait) {
          if (mine) v.L = null;
          if (V.any) settle(s0, v, P.v);
          yield* write(
            `records ${m.rem ? 'reminder' : names(s0, m.cov)}${P.rej === true ? ' as refused' : P.rej ? ' as delivered in part' : ''}${v.dr !== G.dr ? ` DROPS a pair${sees}` : ''}`,
            (s) => {
              if (P.rej === true) s.V.rj |= mask(m.cov);
              setG(s, jcl(v));
              idle(s);
            },
            { t: 'G', v, rej: P.rej === true ? mask(m.cov) : 0, ...(v.L ? { car: 1 } : {}) },
            () => {},
          );
        }
      }
    }
    for (let i = 0; i < s0.net.length; i++) {
      const x = s0.net[i];
      yield [
        x.t === 'M'
          ? `the late message ${names(s0, x.m.cov)} arrives`
          : `the late write on ${x.t === 'R' ? 'the rule' : 'the alert group'} lands`,
        nx((s) => {
          const y = s.net.splice(i, 1)[0];
          if (y.t === 'M') deliver(s, y.m);
          else if (y.t === 'R') setR(s, y.v);
          else {
            if (y.rej) s.V.rj |= y.rej;
            if (y.car) y.v.L = s.G.L;
            setG(s, y.v);
          }
        }),
      ];
      yield [
        `a late ${x.t === 'M' ? 'message' : 'write'} is lost for good`,
        nx((s) => {
          s.net.splice(i, 1);
        }),
      ];
    }
    if (s0.G.L) {
      if (s0.G.L.live === 0)
        yield [
          'the lease expires (holder gone)',
          nx((s) => {
            s.G.L = null;
          }),
        ];
      else if (s0.b.e > 0)
        yield [
          `the lease EXPIRES while P${s0.G.L.p} still runs`,
          nx((s) => {
            s.b.e--;
            s.G.L = null;
          }),
        ];
    }
    if (s0.T < V.ticks)
      yield [
        'time passes: a repeat interval is over',
        nx((s) => {
          s.T++;
        }),
      ];
  }
  function canon(s) {
    if (s.net.length > 1)
      s.net.sort((a, b) => {
        const x = JSON.stringify(a),
          y = JSON.stringify(b);
        return x < y ? -1 : x > y ? 1 : 0;
      });
    if (V.NP === 2) {
      const a = JSON.stringify(s.P[0]),
        b = JSON.stringify(s.P[1]);
      if (a > b || (a === b && s.G.L && s.G.L.live && s.G.L.p === 1)) {
        s.P.reverse();
        if (s.G.L) s.G.L.p = 1 - s.G.L.p;
        for (const x of s.net) {
          if (x.own !== undefined) x.own = 1 - x.own;
          if (x.v?.L) x.v.L.p = 1 - x.v.L.p;
        }
      }
    }
    if (s.G.L && s.G.L.live === 0) s.G.L.p = 0;
    return JSON.stringify(s);
  }
  // everything saved is notified, refused (dead, loudly), recorded as suppressed, or held under a silence that is really on
  function good(s) {
    const rj = V.retry ? 0 : s.V.rj; // what is tried again has to arrive
    const all = s.W ? s.V.del & s.W.del : s.V.del,
      any = s.V.del | (s.W?.del ?? 0);
    const acc = all | rj | s.G.dr;
    const fo = (l) => l.some((m) => (s.G.fo?.[m] ?? 0) & (1 << n0));
    let n0 = 0;
    for (let n = 1; n <= s.R.n; n++) {
      const [a] = s.hist[n - 1],
        c = 1 << n;
      n0 = n;
      const held = s.sil === 1 && !s.gone && a === 1 && (s.G.un.includes(n) || s.G.hd.includes(n) || fo(s.G.un) || fo(s.G.hd));
      if (held) continue;
      if (!(acc & c)) return false;
      if (any & (1 << firing(s, n)) && !((all | rj) & c)) return false;
    }
    // what was notified of B and fires as it did when a silence ended: its receiver knows of that end
    const last = s.R.st[1];
    if (V.announce && s.sil === 0 && last > 0 && !isEnd(last)) {
      const n = s.hist.findIndex(([a, k]) => a === 1 && ep(k) === ep(last)) + 1;
      for (const [e, at] of s.ends.entries()) if (at === ep(last) && any & (1 << n) && !(s.V.en & (1 << e))) return false;
    }
    return true;
  }
  return { init, next, canon, good };
}

/** Repeats of one recipient at most, of all, and those that came after something newer. */
export function measure(s) {
  const recipients = s.W ? [s.V, s.W] : [s.V];
  return {
    dup: Math.max(...recipients.map((v) => v.dup)),
    stale: Math.max(...recipients.map((v) => v.st)),
    total: recipients.reduce((sum, v) => sum + v.dup, 0),
  };
}

/** What must happen must not depend on a silence, or an inhibiting alert, that begins or ends. */
export const isOutside = (label) => label.startsWith('SILENCE') || label.startsWith('INHIBITION');
