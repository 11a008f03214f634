/** What can be wrong with a file as YAML, and with its values as a schema sees them. */
export type Fault = 'yaml' | 'too-large' | 'duplicate-key' | 'unknown-key' | 'missing-key' | 'invalid' | 'exclusive';

/** The codes under which a room reports these; each room has its own, so that people see which kind of file is meant. */
export type FaultCodes = Readonly<Record<Fault, string>>;
