/** What `/proc/PID/stat` says of the CPU time of a process, its ended and waited-for children included, in clock ticks. */
export function ticksOfStat(text: string): number {
  // The name stands in parentheses and may hold anything, spaces and parentheses too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system, usersOfChildren, systemsOfChildren] = fields.slice(11, 15).map(Number);
  const ticks =
    (user ?? Number.NaN) + (system ?? Number.NaN) + (usersOfChildren ?? Number.NaN) + (systemsOfChildren ?? Number.NaN);
  if (Number.isNaN(ticks)) throw new Error(`this is no /proc/PID/stat: ${text.slice(0, 100)}`);
  return ticks;
}

/** What `/proc/PID/status` says of the most memory that a process had resident, bytes. */
export function peakOfStatus(text: string): number {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(text);
  if (found === null) throw new Error('this is no /proc/PID/status with a line VmHWM');
  return Number(found[1]) * 1_024;
}
