# Completion of wlless for fish (tools/share): archives before other files.
complete -c wlless -k -f -a '(__fish_complete_suffix .wl)'
