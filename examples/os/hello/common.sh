# Writes a boot sector that sends a text to the first serial port, then sleeps until the power button
# is pressed, and switches the machine off.
#
# The program is 63 bytes of real-mode code for a PC with ACPI at the usual ports of QEMU:
#   stack below 0x7c00; for each letter of the text at 0x7c3f: wait for COM1 (0x3fd), send (0x3f8);
#   enable the power button (0x602); halt; if the button was pressed (0x600), switch off (0x604).
# The text follows, ended by a NUL; the sector ends with the signature 55 aa.

disk=${DISK_0_PATH:-}

write_boot_sector() {
  if [ -z "$disk" ]; then
    echo "the instance has no disk with a path; give it one" >&2
    exit 1
  fi
  {
    printf '\372\061\300\216\330\216\320\274\000\174\374\276\077\174\254\204\300\164\021\210\304\272'
    printf '\375\003\354\250\040\164\373\210\340\262\370\356\353\352\272\002\006\270\000\001\357\373'
    printf '\364\272\000\006\355\366\304\001\164\366\262\004\270\000\040\357\364\353\375'
    printf '%s\r\nI am %s\r\n\0' "${OSP_GREETING:-Hello}" "$INSTANCE_NAME"
  } | dd of="$disk" bs=512 conv=notrunc status=none
  printf '\125\252' | dd of="$disk" bs=1 seek=510 conv=notrunc status=none
}
