/**
 * The smallest guest: a boot sector that greets on the first serial port, then waits for the power
 * button and switches itself off. 16-bit code, put together by hand so that no assembler is needed.
 *
 * Layout of the 512 bytes: code from 0, the text right behind it (offset 63, ends with a zero
 * byte, so at most 446 letters), zeros, and the mark 55 AA at 510 by which a BIOS knows a boot
 * sector. A shell script makes one with `printf` (octal escapes) and `dd seek=… conv=notrunc`.
 */

/** Where the text begins. */
export const TEXT_AT = 63;

const MARK_AT = 510;

/** The code, one line per instruction; it is loaded at 7C00h. */
const CODE: readonly (readonly [bytes: string, meaning: string])[] = [
  ['fa', 'cli'],
  ['31 c0', 'xor ax, ax'],
  ['8e d8', 'mov ds, ax'],
  ['8e d0', 'mov ss, ax'],
  ['bc 00 7c', 'mov sp, 7C00h        ; the stack grows down from the code'],
  ['fc', 'cld'],
  ['be 3f 7c', 'mov si, 7C3Fh        ; the text: 7C00h + 63'],
  ['ac', 'next: lodsb'],
  ['84 c0', 'test al, al'],
  ['74 11', 'jz wait              ; a zero byte ends the text'],
  ['88 c4', 'mov ah, al'],
  ['ba fd 03', 'mov dx, 3FDh         ; state of the first serial port'],
  ['ec', 'ready: in al, dx'],
  ['a8 20', 'test al, 20h         ; may it take a byte?'],
  ['74 fb', 'jz ready'],
  ['88 e0', 'mov al, ah'],
  ['b2 f8', 'mov dl, F8h          ; 3F8h: its data'],
  ['ee', 'out dx, al'],
  ['eb ea', 'jmp next'],
  ['ba 02 06', 'wait: mov dx, 602h   ; ACPI events that are of interest'],
  ['b8 00 01', 'mov ax, 0100h        ; the power button'],
  ['ef', 'out dx, ax'],
  ['fb', 'sti'],
  ['f4', 'idle: hlt            ; the clock wakes it 18 times a second'],
  ['ba 00 06', 'mov dx, 600h         ; ACPI events that happened'],
  ['ed', 'in ax, dx'],
  ['f6 c4 01', 'test ah, 1           ; the button?'],
  ['74 f6', 'jz idle'],
  ['b2 04', 'mov dl, 04h          ; 604h: ACPI control'],
  ['b8 00 20', 'mov ax, 2000h        ; off'],
  ['ef', 'out dx, ax'],
  ['f4', 'off: hlt'],
  ['eb fd', 'jmp off'],
];

/** Where the interest in the button is said; with a zero there the guest ignores it. */
const BUTTON_AT = 41;

export interface BootSectorOptions {
  /** What the guest says, in ASCII. */
  readonly greeting: string;
  /** Pay no attention to the power button. */
  readonly stubborn?: boolean;
}

/** The 512 bytes. */
export function bootSector({ greeting, stubborn = false }: BootSectorOptions): Buffer {
  const code = Buffer.from(CODE.map(([bytes]) => bytes.replaceAll(' ', '')).join(''), 'hex');
  const text = Buffer.from(`${greeting}\0`, 'latin1');
  if (code.length !== TEXT_AT || TEXT_AT + text.length > MARK_AT) {
    throw new Error('the boot sector does not fit together');
  }
  const sector = Buffer.alloc(512);
  code.copy(sector);
  text.copy(sector, TEXT_AT);
  sector.writeUInt16LE(0xaa55, MARK_AT);
  if (stubborn) sector.writeUInt8(0, BUTTON_AT);
  return sector;
}
