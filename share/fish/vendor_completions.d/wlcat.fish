# Completion of wlcat for fish (tools/share): archives before other files.
complete -c wlcat -k -f -a '(__fish_complete_suffix .wl)'
