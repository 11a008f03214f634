import { readFileSync, readlinkSync } from 'node:fs';

/** Identifies processes so that others on the same machine can detect whether they have ended. */
export interface ProcessIdentity {
  /** This process, by machine, process namespace, number and start; undefined where the system does not say these things. */
  readonly me: string | undefined;
  /** Whether the process has certainly ended; false for one on another machine or container. */
  isOver(process: string): boolean;
}

/** What the system says of processes: Linux's `/proc` and signal 0. */
export interface System {
  readonly pid: number;
  /** The text of a file, or what a link points to; undefined if it does not exist or cannot be read. */
  read(path: string): string | undefined;
  link(path: string): string | undefined;
  /** Whether a process with this number exists, regardless of its owner. */
  exists(pid: number): boolean;
}

const PART = ' ';

/** Reads the identity of this process and evaluates those of others. The boot's id and the namespace say for whom a number means anything. */
export function processIdentity(system: System = thisSystem): ProcessIdentity {
  const boot = system.read('/proc/sys/kernel/random/boot_id')?.trim();
  const namespace = system.link('/proc/self/ns/pid');
  const start = startOf(system, system.pid);
  const here = boot === undefined || namespace === undefined ? undefined : [boot, namespace].join(PART);
  const me = here === undefined || start === undefined ? undefined : [here, system.pid, start].join(PART);
  return {
    me,
    isOver: (process) => {
      if (process === me) return false;
      if (here === undefined || !process.startsWith(`${here}${PART}`)) return false;
      const [pid = '', began] = process.slice(here.length + 1).split(PART);
      if (!/^\d+$/.test(pid)) return false;
      if (!system.exists(Number(pid))) return true;
      // The number may belong to another process by now. One that may not be looked at may live.
      const now = startOf(system, Number(pid));
      return now !== undefined && now !== began;
    },
  };
}

/** When a process started, in ticks of the kernel since the boot; `over` for one that has ended and is not buried yet. */
function startOf(system: System, pid: number): string | undefined {
  const stat = system.read(`/proc/${pid}/stat`);
  // The name in parentheses may hold blanks and parentheses itself.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields ?? [];
  return state === 'Z' || state === 'X' ? 'over' : fields?.[19];
}

const thisSystem: System = {
  pid: process.pid,
  read: (path) => attempt(() => readFileSync(path, 'utf8')),
  link: (path) => attempt(() => readlinkSync(path)),
  exists: (pid) => {
    try {
      return process.kill(pid, 0);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'ESRCH';
    }
  },
};

function attempt(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
