# Writes a boot sector that sends a text to the first serial port and then sleeps.
#
# The program, 22 bytes of real-mode code at 0x7c00:
#   cli; xor ax,ax; mov ds,ax; mov si,0x7c16
#   next: lodsb; test al,al; jz done; mov dx,0x3f8; out dx,al; jmp next
#   done: hlt; jmp done
# The text follows, ended by a NUL; the sector ends with the signature 55 aa.

disk=$DISK_0_PATH

write_boot_sector() {
  if [ -z "$disk" ]; then
    echo "the instance has no disk with a path; give it one" >&2
    exit 1
  fi
  {
    printf '\372\061\300\216\330\276\026\174\254\204\300\164\006\272\370\003\356\353\365\364\353\375'
    printf '%s\r\nI am %s\r\n\0' "${OSP_GREETING:-Hello}" "$INSTANCE_NAME"
  } | dd of="$disk" bs=512 conv=notrunc status=none
  printf '\125\252' | dd of="$disk" bs=1 seek=510 conv=notrunc status=none
}
