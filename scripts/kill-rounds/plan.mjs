/**
 * What a round does, drawn from the seed and the round's number alone, so that a round can be
 * repeated. Moments are fractions of what an undisturbed run takes: only the clock differs from one
 * machine to another.
 */

/** The phases of a run of the example, each with the line by which it is seen to begin. */
export const PHASES = {
  create: [
    { name: 'opening', begins: /^/ },
    { name: 'checks', begins: /check-arguments …/ },
    { name: 'hooks before', begins: /pre-hooks …/ },
    { name: 'disk creation', begins: /Making directory / },
    { name: 'commit', begins: / to the configuration$/ },
    { name: 'wipe', begins: /Wiping disk 0 \(\d+ MiB\) on \S+$/ },
    { name: 'OS script', begins: /Installing / },
    { name: 'start', begins: /Starting / },
    { name: 'hooks after', begins: /post-hooks …/ },
    { name: 'success', begins: /^This was done:$/ },
  ],
  remove: [
    { name: 'opening', begins: /^/ },
    { name: 'checks', begins: /check-arguments …/ },
    { name: 'stop', begins: /Stopping / },
    { name: 'commit', begins: /Removing / },
    { name: 'disk removal', begins: /configuration \d+: remove / },
    { name: 'hooks after', begins: /post-hooks …/ },
    { name: 'success', begins: / is removed$/ },
  ],
  recover: [
    { name: 'recovery', begins: /^/ },
    { name: 'success', begins: /^instances: \d+/ },
  ],
};

/** The phases that rounds aim at: those with effects that have to be taken back, and the end. */
const TARGETS = {
  create: ['disk creation', 'commit', 'wipe', 'OS script', 'start', 'success'],
  remove: ['stop', 'commit', 'disk removal', 'success'],
};

const SHARE_AIMED = 0.5;
/** Of the others: killed while the program is loaded and the store is opened. */
const SHARE_OPENING = 0.2;
const SHARE_FRESH = 0.15;
const SHARE_RECOVERY_KILLED = 0.15;
const SHARE_KVM = 0.04;

/** The round of a number: creation and removal take turns. */
export function planRound(seed, number, hypervisor) {
  const random = randomFrom(seed * 7919 + number);
  const action = number % 2 === 0 ? 'create' : 'remove';
  const targets = TARGETS[action];
  return {
    number,
    action,
    fresh: random() < SHARE_FRESH && action === 'create',
    template: random() < 0.5 ? 'file' : 'sharedfile',
    hypervisor: hypervisor === 'auto' ? (random() < SHARE_KVM ? 'kvm' : 'fake') : hypervisor,
    aim: random() < SHARE_AIMED ? targets[Math.floor(random() * targets.length)] : undefined,
    atOpening: random() < SHARE_OPENING,
    fraction: random(),
    killRecovery: random() < SHARE_RECOVERY_KILLED ? random() : undefined,
  };
}

/**
 * When a run is to be killed: so many milliseconds after a phase has begun. What aims at no phase is
 * spread evenly over all the work, which begins with the checks.
 */
export function momentOf({ action, aim, atOpening, fraction }, measured) {
  const { lengths, totalMs } = measured[action];
  const openingMs = lengths.get('opening');
  if (aim !== undefined) return { phase: aim, afterMs: fraction * lengths.get(aim) };
  if (atOpening) return { phase: 'opening', afterMs: fraction * openingMs };
  return { phase: 'checks', afterMs: fraction * (totalMs - openingMs) };
}

/** Numbers from 0 to 1 that repeat with the seed (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
