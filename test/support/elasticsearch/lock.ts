import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const heartbeatMs = 1_000;
const staleMs = 10_000;

/**
 * Runs `work` while holding a lock file that no other process holds.
 * The holder touches the file every second; one that was not touched for ten belongs to a process that was killed, and is taken over.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await acquire(file);
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(file, { force: true });
  }
}

async function acquire(file: string): Promise<void> {
  for (;;) {
    const taken = await writeFile(file, `${process.pid}\n`, { flag: 'wx' }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      },
    );
    if (taken) return;
    const touched = (await stat(file).catch(() => undefined))?.mtimeMs;
    // Two waiters may both see a stale lock and both go on; what the lock guards is built aside and renamed, so that is only waste.
    if (touched !== undefined && Date.now() - touched > staleMs) await rm(file, { force: true });
    else await sleep(300);
  }
}
