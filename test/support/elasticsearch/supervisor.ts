import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { Account } from './account.ts';

/**
 * Runs the command "$@" and asks it to end when standard input closes. The parent holds the other end of that pipe and the
 * system closes it however the parent ends, so a killed test run leaves no server behind. Then it removes the folder
 * $REMOVE, if there is one, which a parent that is gone cannot do any more.
 */
const script = `
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
{
  read -r line <&3
  kill -TERM "$server" && for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 1; done && kill -KILL "$server" $(cat "$PID_FILE")
} >/dev/null 2>&1 &
watcher=$!
wait "$server"
code=$?
kill -KILL "$watcher" 2>/dev/null
ps -p "$PPID" >/dev/null || [ -z "$REMOVE" ] || rm -rf "$REMOVE"
exit "$code"
`;

/** What is run under supervision. */
export interface Supervised {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly logFile: string;
  /** Where the command writes the number of the process that matters. */
  readonly pidFile: string;
  readonly account: Account | undefined;
  /** A folder to remove when this process is gone. */
  readonly removeIfOrphaned: string | undefined;
}

/** A running command. */
export interface Supervisor {
  hasEnded(): boolean;
  /** Resolves when the command, and all that was left to do after it, is over; never rejects. */
  readonly ended: Promise<void>;
  /** Asks the command to end, makes it end after some seconds, and resolves once it did. */
  end(): Promise<void>;
}

/** Starts a command that ends when it is notified to, or when this process is gone. */
export async function supervise(what: Supervised): Promise<Supervisor> {
  const log = await open(what.logFile, 'a');
  // In a group of its own the interrupt key of a terminal does not reach it, and the group can be killed as a whole.
  const child = spawn('/bin/sh', ['-c', script, 'supervisor', ...what.command], {
    ...what.account,
    cwd: what.cwd,
    env: { ...what.env, REMOVE: what.removeIfOrphaned ?? '', PID_FILE: what.pidFile },
    detached: true,
    stdio: ['pipe', log.fd, log.fd],
  });
  child.stdin?.on('error', () => undefined);
  const ended = once(child, 'exit').then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([once(child, 'spawn'), ended]);
  await log.close();
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  return { hasEnded, ended, end: () => endGroup(child, ended) };
}

async function endGroup(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.stdin?.end();
  const deadline = setTimeout(() => killGroup(child.pid), 20_000);
  await ended;
  clearTimeout(deadline);
}

function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
