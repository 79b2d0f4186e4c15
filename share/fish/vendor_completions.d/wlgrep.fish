# Completion of wlgrep for fish (tools/share): archives before other files.
complete -c wlgrep -k -f -a '(__fish_complete_suffix .wl)'
