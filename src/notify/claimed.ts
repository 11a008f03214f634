import type { Outcome } from '../channels/channel.ts';
import type { Instant } from '../core/time.ts';
import type { AlertGroupDocument, InflightMessage } from './alert-group.ts';

/** An alert group with a message this process has claimed. */
export interface Claimed {
  readonly id: string;
  readonly document: AlertGroupDocument;
  readonly token: string;
}

/** An attempt that this process made and could not record for a while. */
export interface Unrecorded {
  readonly claimed: Claimed;
  readonly inflight: InflightMessage;
  readonly outcome: Outcome;
  /** The titles that the message had, by alert. */
  readonly titles?: ReadonlyMap<string, string>;
  /** Of the write that records it. */
  readonly token: string;
  readonly since: Instant;
  readonly problem: string;
  /** This document alone takes no write: no problem of the store. */
  readonly stuck: boolean;
}
