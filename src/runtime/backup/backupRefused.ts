/** Why a backup or a restore did not begin, or did not go on. */
export type BackupRefusal =
  /** a file is missing, cut off or changed; the message names it */
  | 'damaged'
  /** there is no backup, or none that has been finished */
  | 'no-backup'
  /** the directory holds a backup of another log, or of a later state of this one */
  | 'another-log'
  /** the restore needs a database in which nothing has happened */
  | 'not-empty'
  /** what was written back is not what was saved */
  | 'not-equal'
  /** keys and log would lie together, or the keys are missing, or older than the log */
  | 'keys'
  /** the backup does not reach so far */
  | 'out-of-reach'
  /** somebody else is at it */
  | 'busy'

/** Something that people can mend: the command line prints the message without a stack. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused'
  readonly why: BackupRefusal

  constructor(why: BackupRefusal, message: string, options?: ErrorOptions) {
    super(message, options)
    this.why = why
  }
}
