using System;
using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

using Agglestone.Errors;

namespace Agglestone.Native;

/// <summary>
/// A text on its way into the library: UTF-8 in a buffer that is wiped afterwards, because the text may be a key.
/// Pinned by "fixed"; null is a null pointer, which the library takes for a text that was not given.
/// </summary>
internal readonly ref struct Utf8Argument
{
    /// <summary>Enough for ids, keys and paths; longer texts rent their buffer.</summary>
    internal const int Scratch = 256;

    // Replacing what is no Unicode would send another text than the caller meant.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private const byte NoUtf8 = 0xff;

    private readonly byte[]? rented;
    private readonly Span<byte> buffer;
    private readonly bool given;

    /// <param name="argument">Its name, for the error; null passes what is no Unicode on as what is no UTF-8.</param>
    /// <param name="text">The text.</param>
    /// <param name="scratch">Memory of the caller's stack.</param>
    internal Utf8Argument(string? argument, string? text, Span<byte> scratch)
    {
        given = text is not null;
        var longest = Strict.GetMaxByteCount(text?.Length ?? 0);
        rented = longest > scratch.Length ? ArrayPool<byte>.Shared.Rent(longest) : null;
        buffer = rented ?? scratch;
        try
        {
            Length = (nuint)Strict.GetBytes(text, buffer);
        }
        catch (EncoderFallbackException)
        {
            if (argument is null)
            {
                buffer[0] = NoUtf8;
                Length = 1;
                return;
            }

            Dispose();
            throw ExceptionTable.Argument(argument, "contains half of a surrogate pair, which is no Unicode text");
        }
    }

    /// <summary>How many bytes.</summary>
    internal nuint Length { get; }

    /// <summary>What "fixed" pins.</summary>
    public ref readonly byte GetPinnableReference() => ref given ? ref MemoryMarshal.GetReference(buffer) : ref Unsafe.NullRef<byte>();

    /// <summary>Wipes the buffer and gives it back.</summary>
    public void Dispose()
    {
        buffer.Clear();
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
