import { existsSync } from 'node:fs';

// Loaded into the service before its own code: while the file is there, each of its turns throws between its walls.
const FILE = 'turns-throw';
const { flat } = Array.prototype;

Array.prototype.flat = function flatOrThrow(...depth) {
  const caller = new Error('where').stack?.split('\n')[2] ?? '';
  if (caller.includes('/engine/turn.js') && existsSync(FILE)) throw new Error('the turn met a fault');
  return Reflect.apply(flat, this, depth);
};
