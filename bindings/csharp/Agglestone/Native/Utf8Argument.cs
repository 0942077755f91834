using System;
using System.Buffers;
using System.Text;

using Agglestone.Errors;

namespace Agglestone.Native;

/// <summary>
/// A text on its way into the library: UTF-8 in a buffer that is wiped afterwards, because the text may be a key.
/// </summary>
internal ref struct Utf8Argument
{
    /// <summary>Enough for ids, keys and paths; longer texts rent their buffer.</summary>
    internal const int Scratch = 256;

    // Replacing what is no Unicode would send another text than the caller meant.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[]? rented;
    private readonly Span<byte> buffer;

    /// <param name="argument">Its name, in the library's spelling, for the error.</param>
    /// <param name="text">The text.</param>
    /// <param name="scratch">Memory of the caller's stack.</param>
    internal Utf8Argument(string argument, ReadOnlySpan<char> text, Span<byte> scratch)
    {
        var longest = Strict.GetMaxByteCount(text.Length);
        rented = longest > scratch.Length ? ArrayPool<byte>.Shared.Rent(longest) : null;
        buffer = rented ?? scratch;
        try
        {
            Bytes = buffer[..Strict.GetBytes(text, buffer)];
        }
        catch (EncoderFallbackException)
        {
            Dispose();
            throw ExceptionTable.Argument(argument, "contains half of a surrogate pair, which is no Unicode text");
        }
    }

    /// <summary>The UTF-8 bytes; pinned by "fixed", which gives null for an empty text, as the library allows.</summary>
    internal ReadOnlySpan<byte> Bytes { get; }

    /// <summary>How many bytes.</summary>
    internal readonly nuint Length => (nuint)Bytes.Length;

    /// <summary>Wipes the buffer and gives it back.</summary>
    public readonly void Dispose()
    {
        buffer.Clear();
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
