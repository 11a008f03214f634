import { findJdk } from './jdk.ts';

/** `has-jdk.ts 21` exits 0 where a JDK 21 or newer is installed, 1 elsewhere: for scripts that decide what they can run. */
const oldest = Number(process.argv[2]);
await findJdk(oldest).catch(() => process.exit(1));
